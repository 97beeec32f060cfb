"""The made-up district's words: departments, enterprises and what they sell. None of them is real."""

from typing import NamedTuple

from tracker.core.vocabulary import Kind

INSTITUTION = "새솔구"

OFFICES = (
    "감사담당관", "홍보담당관", "기획예산과", "총무과", "자치행정과", "민원여권과", "재무과", "세무1과", "세무2과",
    "부동산정보과", "전산정보과", "복지정책과", "생활보장과", "어르신복지과", "장애인복지과", "여성가족과", "아동청소년과",
    "문화체육과", "평생학습과", "도서관과", "교육지원과", "지역경제과", "청소행정과", "환경과", "공원녹지과", "도시계획과",
    "건축과", "주택과", "도시재생과", "교통행정과", "주차관리과", "건설관리과", "토목과", "치수과", "안전총괄과",
    "보건행정과", "건강증진과", "의약과",
)  # fmt: skip
DISTRICT_OFFICES = (
    "새솔1동", "새솔2동", "가람동", "누리1동", "누리2동", "다온동", "라온동", "마루동", "바람동", "아람동", "한울동", "해찬동",
)  # fmt: skip
AFFILIATED = ("새솔구시설관리공단", "새솔문화재단")
# On 1 January of the current year these two became one.
MERGED = ("일자리정책과", "사회적경제과")
MERGED_INTO = "일자리경제과"


class Line(NamedTuple):
    """A line of business: how its firms are called, and what they sell (name, unit, price in won)."""

    words: tuple[str, ...]
    kind: Kind
    products: tuple[tuple[str, str, int], ...]
    code: str


LINES = (
    Line(("푸른청소", "맑은공간", "깨끗한손길"), Kind.SERVICES, (
        ("청사 청소용역", "월", 3_200_000), ("방역 소독", "회", 280_000), ("계단 물청소", "회", 450_000)), "76111501"),
    Line(("나눔인쇄", "글빛기획", "바른인쇄"), Kind.GOODS, (
        ("안내 책자 인쇄", "부", 3_500), ("현수막 제작", "장", 55_000), ("리플릿 인쇄", "부", 420)), "82121503"),
    Line(("온정도시락", "햇살밥상", "정다운부엌"), Kind.GOODS, (
        ("행사 도시락", "개", 9_000), ("결식아동 급식 도시락", "개", 8_000), ("다과 꾸러미", "개", 12_000)), "90101603"),
    Line(("두레사무", "한마음문구", "늘품유통"), Kind.GOODS, (
        ("복사용지 A4", "상자", 24_500), ("재생 토너", "개", 68_000), ("사무용 의자", "개", 185_000)), "44120000"),
    Line(("돌봄이웃", "효사랑", "마음돌봄"), Kind.SERVICES, (
        ("가사·간병 방문 서비스", "시간", 16_800), ("어르신 일상 돌봄", "월", 1_450_000), ("병원 동행", "회", 52_000)), "85101601"),
    Line(("숲지기", "초록가꿈", "들꽃조경"), Kind.SERVICES, (
        ("가로화단 관리", "식", 4_800_000), ("화분 임대 관리", "월", 380_000), ("수목 전정", "그루", 42_000)), "70111703"),
    Line(("새살림집수리", "튼튼주거", "한뼘건축"), Kind.WORKS, (
        ("취약계층 집수리", "호", 4_200_000), ("경로당 도배·장판", "개소", 2_900_000), ("화장실 개보수", "개소", 7_800_000)), "72101507"),
    Line(("배움나루", "꿈틀교육", "이음연구"), Kind.SERVICES, (
        ("주민 교육 운영", "회", 650_000), ("정책 연구 용역", "식", 18_500_000), ("진로 체험 교육", "회", 420_000)), "86101700"),
    Line(("소리터", "놀이마당", "예술공방"), Kind.SERVICES, (
        ("마을 축제 운영", "식", 14_000_000), ("작은 음악회", "회", 1_800_000), ("공연 음향 임차", "일", 550_000)), "90131500"),
    Line(("다시쓰는집", "되살림", "자원순환터"), Kind.GOODS, (
        ("재활용 분리수거함", "개", 132_000), ("업사이클 기념품", "개", 15_000), ("장바구니", "개", 6_500)), "47121700"),
    Line(("바른컴", "모두의전산", "손빛미디어"), Kind.SERVICES, (
        ("홈페이지 유지보수", "월", 900_000), ("영상 제작", "편", 3_400_000), ("데이터 입력", "건", 450)), "81112200"),
    Line(("꽃마루", "수작나무", "손끝공예"), Kind.GOODS, (
        ("행사 꽃다발", "개", 38_000), ("원목 명패", "개", 27_000), ("수제 비누 꾸러미", "개", 11_000)), "60121000"),
)  # fmt: skip

FORMS = ("주식회사 {}", "{}사회적협동조합", "협동조합 {}", "(주){}", "{}", "유한회사 {}")
PLACES = ("새솔", "가람", "누리", "다온", "라온", "마루", "한울", "해찬", "아람", "바람")
STREETS = ("새솔대로", "가람로", "누리길", "다온로", "한울길", "해찬로")

# How many of the 120 enterprises hold each type; the rest are plain suppliers.
TYPE_COUNTS = {
    "social": 38,
    "preliminary": 14,
    "village": 9,
    "self_support": 11,
    "social_coop": 12,
    "coop": 14,
    "severe_disability": 4,
    "standard_workplace": 4,
    "disabled_owned": 4,
    "women_owned": 4,
}
AUTHORITIES = {
    "social": "고용노동부",
    "preliminary": "○○시",
    "village": "행정안전부",
    "self_support": "새솔구",
    "social_coop": "소관 부처",
    "coop": "○○시",
    "severe_disability": "보건복지부",
    "standard_workplace": "고용노동부",
    "disabled_owned": "중소벤처기업부",
    "women_owned": "중소벤처기업부",
}
BUDGET_ITEMS = (
    "201-01 사무관리비",
    "201-03 행사운영비",
    "206-01 재료비",
    "207-01 연구용역비",
    "307-05 민간위탁금",
    "401-01 시설비",
)
ITEMS_BY_KIND = {
    Kind.GOODS: BUDGET_ITEMS[:1] + BUDGET_ITEMS[2:3],
    Kind.SERVICES: BUDGET_ITEMS[1:2] + BUDGET_ITEMS[3:5],
    Kind.WORKS: BUDGET_ITEMS[5:],
}
# What departments plan to buy: kind, item, unit, price in won.
PLANNED = (
    (Kind.GOODS, "복사용지", "상자", 28_000),
    (Kind.GOODS, "행사 기념품", "개", 15_000),
    (Kind.GOODS, "화장지", "상자", 32_000),
    (Kind.GOODS, "도시락", "개", 9_500),
    (Kind.SERVICES, "청사 청소 용역", "월", 4_200_000),
    (Kind.SERVICES, "소독·방역", "회", 350_000),
    (Kind.SERVICES, "홍보물 제작", "식", 1_800_000),
    (Kind.SERVICES, "주민 교육 운영", "회", 900_000),
)
