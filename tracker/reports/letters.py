"""The covering letter of a report, to paste into the office's own document system: 제목, 관련, 내용, 붙임."""

from collections.abc import Iterable

from tracker.core.money import spell_won
from tracker.reports.requests import Content, ReportKind
from tracker.reports.wording import say_day, say_percent

# What one does with a report of each kind, in the title and in the sentence.
ACTS = {
    ReportKind.ANNUAL: ("통보", "통보합니다"),
    ReportKind.SCHEME: ("제출", "제출합니다"),
    ReportKind.DEPARTMENT: ("제출", "제출합니다"),
    ReportKind.PERIOD: ("제출", "제출합니다"),
    ReportKind.ENTERPRISE: ("발급", "발급합니다"),
    ReportKind.BRIEF: ("보고", "보고합니다"),
    ReportKind.DISTRICTS: ("보고", "보고합니다"),
}
LETTERS = "가나다라마바사"


def write_letter(content: Content) -> str:
    """Return the text of the letter; who it goes to stands first where the report names them."""
    act, sentence = ACTS[ReportKind(content["kind"])]
    told, laws = content["title"], content["basis"]["laws"]
    lines = [f"수신  {recipient}" for recipient in _recipients(content)]
    lines += [f"제목  {told} {act}", ""]
    related = [f"관련: {', '.join(laws)}"] if laws else []
    numbered = [*related, f"{told} 자료를 붙임과 같이 {sentence}."]
    lines += [f"{number}. {text}" for number, text in enumerate(numbered, start=1)]
    lines += [f"  {LETTERS[place]}. {text}" for place, text in enumerate(_facts(content))]
    return "\n".join([*lines, "", f"붙임  {told} 1부.  끝."])


def _recipients(content: Content) -> Iterable[str]:
    if content.get("scheme", {}).get("recipient"):
        yield content["scheme"]["recipient"]
    if "enterprise" in content:
        yield content["enterprise"]["name"]


def _facts(content: Content) -> Iterable[str]:
    basis, total = content["basis"], content["summary"]["total"]
    mark = " (잠정)" if basis["is_provisional"] else ""
    yield f"기간: {say_day(basis['from'])} ~ {say_day(basis['to'])}{mark}"
    if content["kind"] == ReportKind.ANNUAL:
        yield f"사회적기업 제품 구매액: {_won(content['statutory']['total'])}"
        if rate := content["statutory"]["rate"]:
            yield f"구매비율: {_percent(rate['current'])}"
    if content["department"]:
        yield f"부서: {content['department']}"
    measure = "" if "enterprise" in content else f"{basis['measure']} "
    yield f"{measure}구매액: {_won(total)}"
    if "rates" in content:
        whole = content["rates"][-1]
        yield f"구매비율: {_percent(whole['rate'])}, 달성률: {_percent(whole['attainment'])}"


def _won(row: Content) -> str:
    return spell_won(row["current"]) if row["is_recorded"] else "자료 없음"


def _percent(rate: str | None) -> str:
    return "자료 없음" if rate is None else f"{say_percent(rate)}%"
