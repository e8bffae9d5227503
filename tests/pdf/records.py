"""Records of certificates to draw: ordinary, with very long facts, with several sites."""

from dataclasses import replace

from benchmarks.sample_certificate import ORDINARY
from certbody.pdf.certificate import CertificateSite

LONG = replace(
    ORDINARY,
    client_name_zh="中国（广东）自由贸易试验区深圳前海蛇口片区华丰智能家用电器制造与售后服务供应链管理集团股份有限公司第一分公司",
    client_name_en=(
        "Huafeng Intelligent Household Appliance Manufacturing and After-sales Service Supply Chain "
        "Management Group Company Limited of the Qianhai Shekou Area of the China (Guangdong) Pilot "
        "Free Trade Zone"
    ),
    client_address_zh=ORDINARY.client_address_zh * 3,
    client_address_en=ORDINARY.client_address_en * 2,
    scope_zh=ORDINARY.scope_zh * 16,
    scope_en=f"{ORDINARY.scope_en}; " * 16,
    accreditation_zh="中国合格评定国家认可委员会认可：CNAS C999-S",
    accreditation_en="Accredited by CNAS: C999-S",
    surveillance_note_zh=ORDINARY.surveillance_note_zh * 4,
    surveillance_note_en=f"{ORDINARY.surveillance_note_en} " * 3,
    signatory_title_en="Deputy head of the certification body, by authorisation of the head",
    mark_sentence_zh=ORDINARY.mark_sentence_zh * 3,
    mark_sentence_en=f"{ORDINARY.mark_sentence_en} " * 2,
    grade="star5",
    stars=5,
    grade_title_zh="五星级",
    grade_title_en="Five stars",
)

SITES = replace(
    ORDINARY,
    grade="qualified",
    stars=0,
    grade_title_zh="达标级",
    grade_title_en="Qualified",
    sites=tuple(
        CertificateSite(
            name_zh=f"华丰电器第{number}售后服务中心",
            address_zh=f"广东省广州市天河区中山大道西{number}00号华丰大厦{number}层",
            activity_zh="安装、维修、退换货受理",
            name_en=f"Huafeng Service Centre No. {number}",
            address_en=f"Floor {number}, Huafeng Building, {number}00 Zhongshan Avenue West, Guangzhou",
        )
        for number in range(1, 7)
    ),
)
RECORDS = {"ordinary": ORDINARY, "long": LONG, "sites": SITES}
