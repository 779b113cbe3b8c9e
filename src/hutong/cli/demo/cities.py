"""The 81 cities in which the columnist of the demo has readers, the largest first."""

import msgspec

__all__ = ["CITIES", "City"]


class City(msgspec.Struct, frozen=True):
    """``districts`` are the groups of a city that is too large for one."""

    name: str
    latin: str
    districts: tuple[str, ...] = ()


_LARGEST = (
    City("北京", "Beijing", ("海淀", "朝阳", "西城")),
    City("上海", "Shanghai", ("徐汇", "静安", "浦东")),
    City("深圳", "Shenzhen", ("南山", "福田", "罗湖")),
)
_OTHERS = """
广州 Guangzhou 成都 Chengdu 杭州 Hangzhou 苏州 Suzhou 南京 Nanjing 武汉 Wuhan 西安 Xi'an
重庆 Chongqing 长沙 Changsha 天津 Tianjin 郑州 Zhengzhou 青岛 Qingdao 厦门 Xiamen 合肥 Hefei
济南 Jinan 宁波 Ningbo 福州 Fuzhou 昆明 Kunming 沈阳 Shenyang 大连 Dalian 哈尔滨 Harbin 长春 Changchun
无锡 Wuxi 佛山 Foshan 东莞 Dongguan 南昌 Nanchang 贵阳 Guiyang 南宁 Nanning 石家庄 Shijiazhuang
太原 Taiyuan 兰州 Lanzhou 温州 Wenzhou 常州 Changzhou 泉州 Quanzhou 烟台 Yantai 珠海 Zhuhai
嘉兴 Jiaxing 绍兴 Shaoxing 金华 Jinhua 台州 Taizhou 南通 Nantong 徐州 Xuzhou 扬州 Yangzhou
镇江 Zhenjiang 盐城 Yancheng 芜湖 Wuhu 海口 Haikou 三亚 Sanya 银川 Yinchuan 西宁 Xining 呼和浩特 Hohhot
乌鲁木齐 Urumqi 拉萨 Lhasa 桂林 Guilin 洛阳 Luoyang 开封 Kaifeng 保定 Baoding 唐山 Tangshan
秦皇岛 Qinhuangdao 潍坊 Weifang 威海 Weihai 淄博 Zibo 临沂 Linyi 宜昌 Yichang 襄阳 Xiangyang
岳阳 Yueyang 株洲 Zhuzhou 衡阳 Hengyang 赣州 Ganzhou 九江 Jiujiang 漳州 Zhangzhou 汕头 Shantou
惠州 Huizhou 中山 Zhongshan 绵阳 Mianyang 乐山 Leshan 大理 Dali 咸阳 Xianyang
"""

_words = _OTHERS.split()
CITIES = (*_LARGEST, *(City(*pair) for pair in zip(_words[::2], _words[1::2], strict=True)))
