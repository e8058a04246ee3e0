"""Enterprises, agents and officers of the branches: made up, the same for every seed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

_FIRST = "瑞华恒安宏盛德嘉锦泰永金鼎新天海东明康宝利丰润昌旭晨凯诚信达"
_SECOND = "通源达盛隆泰兴和光腾远洋科宇翔晟伟业成信邦美雅杰"
_RARE = ("镕", "堃", "㛃", "喆", "昇", "㙓", "淼", "玥")
"""Characters of company names that plain GB2312 lacks; some stand in GB18030 only."""
_TRADES = {
    "electronics": ("电子", "光电", "微电子", "精密组件"),
    "appliance": ("电器", "清洁电器", "电动工具"),
    "solar": ("太阳能", "新能源", "硅材料"),
    "machinery": ("机械", "重工", "精密机械", "轴承"),
    "auto": ("汽车零部件", "车业", "摩托车"),
    "wool": ("毛纺", "毛条", "羊绒"),
    "textile": ("纺织", "化纤", "丝绸"),
    "hometextile": ("家纺", "家用纺织品", "床上用品"),
    "garment": ("服装", "服饰", "针织"),
    "toys": ("玩具", "礼品", "日用品"),
    "food": ("食品", "果蔬", "水产"),
    "grain": ("粮油", "油脂", "饲料"),
    "ore": ("矿业", "钢铁", "资源"),
    "chemical": ("化工", "石化", "精细化工"),
    "plastic": ("塑胶", "高分子材料", "橡塑"),
    "steel": ("钢管", "金属制品", "不锈钢"),
    "waste": ("再生资源", "金属再生", "纸业"),
    "wood": ("木业", "家具", "地板"),
    "paper": ("纸业", "浆纸"),
    "ship": ("船舶重工", "造船"),
    "medical": ("医疗器械", "医用材料", "生化制药"),
    "optics": ("光学", "眼镜", "工具"),
    "ceramic": ("陶瓷", "耐火材料"),
    "feather": ("羽绒制品", "羽绒服饰"),
    "plants": ("园艺", "花木"),
}
_FORMS = (
    "有限公司",
    "有限公司",
    "有限公司",
    "（中国）有限公司",
    "股份有限公司",
    "进出口有限公司",
    "(集团)有限公司",
    "厂",
)
_INSTITUTION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True)
class Enterprise:
    """A company as it declares: registration code (10), organisation code (9, GB 11714), Chinese name."""

    code: str
    institution_code: str
    name: str


def officers(org: str, role: str, count: int) -> list[str]:
    """Hashed staff ids of eight characters."""
    return [hashlib.sha256(f"{org}|{role}|{number}".encode()).hexdigest()[:8].upper() for number in range(count)]


def enterprises(*, org: str, prefix: str, kinds: list[str], count: int) -> list[Enterprise]:
    """`count` companies of a branch, most of them in its trades."""
    made: list[Enterprise] = []
    for number in range(count):
        digest = hashlib.sha256(f"{org}|enterprise|{number}".encode()).digest()
        trades = _TRADES[kinds[digest[0] % len(kinds)]]
        second = _RARE[digest[2] % len(_RARE)] if digest[1] < 20 else _SECOND[digest[2] % len(_SECOND)]
        brand = _FIRST[digest[3] % len(_FIRST)] + second
        form = _FORMS[digest[4] % len(_FORMS)]
        name = f"{prefix}{brand}{trades[digest[5] % len(trades)]}{form}"
        made.append(Enterprise(_registration(org, number, digest), _institution(digest), name))
    return made


def agents(*, org: str, prefix: str, count: int) -> list[Enterprise]:
    """`count` declaration agents of a branch."""
    made: list[Enterprise] = []
    for number in range(count):
        digest = hashlib.sha256(f"{org}|agent|{number}".encode()).digest()
        brand = _FIRST[digest[3] % len(_FIRST)] + _SECOND[digest[2] % len(_SECOND)]
        trade = ("报关报检", "国际货运代理", "外运", "国际物流")[digest[5] % 4]
        made.append(Enterprise(f"{org}9{number:03d}", _institution(digest), f"{prefix}{brand}{trade}有限公司"))
    return made


def _registration(org: str, number: int, digest: bytes) -> str:
    """Four digits of the area, economic zone, the branch within the area, and a serial."""
    return f"{org[:4]}{digest[6] % 5 + 1}{org[5]}{number:04d}"


def _institution(digest: bytes) -> str:
    """A valid code of GB 11714: eight digits and a check digit modulo 11."""
    digits = f"{int.from_bytes(digest[8:12], 'big') % 100_000_000:08d}"
    check = 11 - sum(int(digit) * weight for digit, weight in zip(digits, _INSTITUTION_WEIGHTS, strict=True)) % 11
    return digits + {10: "X", 11: "0"}.get(check, str(check))
