"""Passwords that are tried first: those most in use anywhere, and those that Korean keyboards suggest."""

import re
import unicodedata
from functools import cache
from itertools import pairwise

# Words and keyboard walks of our own choosing; typed in 두벌식 on an English keyboard they look random.
_KOREAN = """
비밀번호 패스워드 대한민국 사랑해요 사랑합니다 안녕하세요 우리나라 독도는우리땅 행복하세요
관리자 담당자 공무원 주무관 사회적기업 사회적경제
qlalfqjsgh votmdnjem eogksalsrnr tkfkdgody tkfkdgkqslek dkssudgktpdy rhksflwk ekaekdwk rhdandnjs
wnanrhks tkghlwjrrldjq tkghlwjrrudwp gksrnr gkqrur dkdlel qlqjs
korea seoul daehanminguk saranghae saranghaeyo annyeong hangul gongmuwon bimil bimilbeonho
qwerasdf qwerasdfzxcv asdfzxcv qazwsxedc 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y q1w2e3r4 q1w2e3r4t5
zaq12wsx 1qaz2wsx 1qaz2wsx3edc
"""
_AROUND = re.compile(r"^[\W\d_]+|[\W\d_]+$")


def is_common(password: str) -> bool:
    """Return whether the password is among those tried first, also with figures and signs put around it."""
    text = unicodedata.normalize("NFC", password).casefold()
    core = _AROUND.sub("", text)
    return (
        text in _common()
        or core in _common()
        or _is_walk(text)
        or len(set(text)) <= 3  # one or two keys, again and again
    )


def _is_walk(text: str) -> bool:
    """Return whether each character follows the one before: 9012345678, abcdefghijk, 9876543210."""
    steps = {ord(later) - ord(earlier) for earlier, later in pairwise(text)}
    return steps in ({1}, {-1}) or (text.isdigit() and {step % 10 for step in steps} in ({1}, {9}))


@cache
def _common() -> frozenset[str]:
    # Here, because only whoever chooses a password needs them.
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(FREQUENCY_LISTS["passwords"]) | frozenset(_KOREAN.split())
