"""Fictional organisations; their credit codes are well formed and belong to nobody."""

from dataclasses import dataclass
from typing import Any

from certbody.accounts.credit_code import check_character
from certbody.accounts.models import GoodsTrade, LegalForm

REPRESENTATIVES = (
    "林志远", "陈国栋", "黄丽华", "周启明", "吴建平", "郑晓峰", "何美玲", "罗文斌",
    "梁永康", "宋雅琴", "唐世杰", "许慧敏", "邓海涛", "冯玉兰", "曹德胜", "彭秀英",
    "曾宪文", "萧明辉", "田桂芳", "董立新", "袁春燕", "潘伟民", "于凤霞", "蒋东升",
    "蔡志刚", "余佩珊", "杜光耀", "叶青松", "程丽娟", "魏长河", "苏婉清", "吕振邦",
    "丁学良", "任晓东", "沈佳怡", "姚国庆", "卢海英", "姜永顺", "崔文静", "钟启华",
    "谭志勇", "廖美兰", "范国平", "汪秀珍", "陆明哲", "金雪梅", "石建军", "戴云飞",
)  # fmt: skip
# One applicant in review has a representative of the same name as the company whose certificate was withdrawn, so that
# the reviewer meets the warning once.
NAMESAKES = {30: 7}


@dataclass(frozen=True)
class Company:
    number: int
    name: str
    name_en: str
    city: str
    city_en: str
    trade: str
    trade_en: str
    headcount: int
    goods: str = GoodsTrade.TANGIBLE

    @property
    def credit_code(self) -> str:
        first = f"9144030{self.number:02}MA5DEM"
        first += f"{self.number:02}"
        return first[:17] + check_character(first[:17])

    def facts(self) -> dict[str, Any]:
        """The fields of the organisation."""
        management = max(2, self.headcount // 8)
        return {
            "name": self.name,
            "name_en": self.name_en,
            "credit_code": self.credit_code,
            "legal_form": LegalForm.COMPANY,
            "registered_address": f"{self.city}人民路{self.number}号",
            "registered_address_en": f"{self.number} Renmin Road, {self.city_en}",
            "operating_address": f"{self.city}人民路{self.number}号",
            "legal_representative": REPRESENTATIVES[
                NAMESAKES.get(self.number, self.number) % len(REPRESENTATIVES)
            ],
            "contact_name": "李娜",
            "contact_phone": f"0755-2600{self.number:04}",
            "contact_email": f"service{self.number}@demo.example",
            "headcount": self.headcount,
            "service_management_headcount": management,
            "managers_trained": max(1, -(-management // 10)),
        }


COMPANIES = tuple(
    Company(number, *facts)  # type: ignore[arg-type]
    for number, facts in enumerate(
        (
            (
                "深圳华丰电器有限公司",
                "Shenzhen Huafeng Appliances Co., Ltd.",
                "深圳市南山区",
                "Nanshan, Shenzhen",
                "家用电器",
                "household appliances",
                120,
            ),
            (
                "广州云帆家居股份有限公司",
                "Guangzhou Yunfan Furnishings Co., Ltd.",
                "广州市天河区",
                "Tianhe, Guangzhou",
                "家具",
                "furniture",
                86,
            ),
            (
                "杭州青禾食品有限公司",
                "Hangzhou Qinghe Foods Co., Ltd.",
                "杭州市西湖区",
                "Xihu, Hangzhou",
                "预包装食品",
                "packaged food",
                42,
            ),
            (
                "苏州明远仪器有限公司",
                "Suzhou Mingyuan Instruments Co., Ltd.",
                "苏州市工业园区",
                "Industrial Park, Suzhou",
                "检测仪器",
                "test instruments",
                60,
            ),
            (
                "成都蜀光照明有限公司",
                "Chengdu Shuguang Lighting Co., Ltd.",
                "成都市高新区",
                "Gaoxin, Chengdu",
                "照明产品",
                "lighting products",
                95,
            ),
            (
                "武汉长江软件有限公司",
                "Wuhan Changjiang Software Co., Ltd.",
                "武汉市洪山区",
                "Hongshan, Wuhan",
                "软件产品",
                "software products",
                210,
                GoodsTrade.INTANGIBLE,
            ),
            (
                "青岛海澜厨具有限公司",
                "Qingdao Hailan Kitchenware Co., Ltd.",
                "青岛市市南区",
                "Shinan, Qingdao",
                "厨房用具",
                "kitchenware",
                35,
            ),
            (
                "南京金陵电梯有限公司",
                "Nanjing Jinling Elevators Co., Ltd.",
                "南京市江宁区",
                "Jiangning, Nanjing",
                "电梯",
                "elevators",
                160,
            ),
            (
                "厦门鹭岛卫浴有限公司",
                "Xiamen Ludao Sanitary Ware Co., Ltd.",
                "厦门市湖里区",
                "Huli, Xiamen",
                "卫浴产品",
                "sanitary ware",
                55,
            ),
            (
                "西安秦岭空调有限公司",
                "Xi'an Qinling Air Conditioning Co., Ltd.",
                "西安市雁塔区",
                "Yanta, Xi'an",
                "空调设备",
                "air conditioners",
                74,
            ),
            (
                "宁波甬江汽配有限公司",
                "Ningbo Yongjiang Auto Parts Co., Ltd.",
                "宁波市鄞州区",
                "Yinzhou, Ningbo",
                "汽车配件",
                "auto parts",
                48,
            ),
            (
                "长沙湘江医疗器械有限公司",
                "Changsha Xiangjiang Medical Devices Co., Ltd.",
                "长沙市岳麓区",
                "Yuelu, Changsha",
                "医疗器械",
                "medical devices",
                66,
            ),
            (
                "沈阳北方门窗有限公司",
                "Shenyang Northern Windows Co., Ltd.",
                "沈阳市和平区",
                "Heping, Shenyang",
                "门窗",
                "doors and windows",
                28,
            ),
            (
                "合肥巢湖太阳能有限公司",
                "Hefei Chaohu Solar Co., Ltd.",
                "合肥市蜀山区",
                "Shushan, Hefei",
                "太阳能设备",
                "solar equipment",
                90,
            ),
            (
                "昆明春城花卉有限公司",
                "Kunming Chuncheng Flowers Co., Ltd.",
                "昆明市官渡区",
                "Guandu, Kunming",
                "花卉",
                "flowers",
                18,
            ),
            (
                "天津渤海锅炉有限公司",
                "Tianjin Bohai Boilers Co., Ltd.",
                "天津市河西区",
                "Hexi, Tianjin",
                "锅炉",
                "boilers",
                132,
            ),
        ),
        start=1,
    )
)
