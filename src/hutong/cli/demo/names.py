"""What the people of the demo are called. Nobody real is meant."""

from random import Random

__all__ = ["nickname"]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_SURNAMES = "沈顾林秦周许方叶陆何苏江韩唐宋程白夏温简罗谢邱梁卢姜范丁贺尹余宁薛邵段侯常汤郝康易施向舒翁柯骆欧阮祁"
_GIVEN = _words("""
知夏 晓 见 川 予安 青 圆 舟 远 夕 明 清和 之遥 望舒 南星 小满 立秋 子衿 其琛 若水 云起 听雨 怀瑾
南枝 一诺 书白 念慈 鹿鸣 未央 静姝 景行 思齐 在野 星河 长安 半夏 忍冬 时雨 朝颜 暮云 秉文 承欢 楚楚
初一 冬至 凡 果 皓 嘉木 可 岚 乐之 麦冬 宁 朴 奇 然 三七 松 潭 桐 维 西 溪 霄 修竹 雁 一禾 易安 吟
游 竹 醉 佐
""")
_PEN_NAMES = _words("""
爱吃橘子的猫 今天不加班 慢跑的蜗牛 云边有棵树 半糖去冰 雨天读书 老街的灯 早睡失败 一页又一页
住在七楼 会飞的拖鞋 小城故事多 卖伞的人 不吃香菜 晒太阳专业户 二手时光 桂花糕 北风南来 第三排靠窗
骑车去上班 迟到的信 纸上散步 一只旧书包 晚饭后出门 木头钢琴 等一场雪 数羊数到书页 写到一半
楼下有只狸花 借书不还的人 茶凉了再续 拾贝壳的人 老座钟 一碗阳春面 清晨六点半
""")
_LATIN = _words("""
Emma Noah Mia Leo Anna Theo Clara Felix Nora Hugo Ruth Omar Ines Paul Lena Jonas Alice Marta Simon
Rosa Peter Julia Daniel Hanna Victor Elena Marco Sofia Adam Irene Tom Nina Oscar Judith Karl Laura
Milan Dora Ravi Priya Kenji Yuki
""")
_LATIN_SECOND = _words("""
Reads Walks Bikes Brews Bakes Sketches in-Gulou of-Xuhui by-the-Canal up-the-Hill at-Dawn after-Dark
with-Tea on-Line-2 next-Door
""")


def nickname(draw: Random, *, latin: bool) -> str:
    """A name as people choose them: most their own, some a pen name."""
    if latin:
        first = draw.choice(_LATIN)
        return first if draw.random() < 0.4 else f"{first} {draw.choice(_LATIN_SECOND).replace('-', ' ')}"
    if draw.random() < 0.22:
        return draw.choice(_PEN_NAMES)
    return draw.choice(_SURNAMES) + draw.choice(_GIVEN)
