"""Records of certificates to draw: ordinary, with very long facts, with several sites."""

from dataclasses import replace

from certbody.pdf.certificate import CertificateManifest, CertificateSite

ORDINARY = CertificateManifest(
    number="CB26SC00042R1",
    edition=1,
    body_name_zh="示范认证有限公司",
    body_name_en="Demonstration Certification Co., Ltd.",
    body_address_zh="北京市东城区示范路1号",
    body_address_en="1 Shifan Road, Dongcheng District, Beijing, China",
    approval_number="CNCA-R-2020-999",
    client_name_zh="华丰电器有限公司",
    client_name_en="Huafeng Appliances Co., Ltd.",
    client_address_zh="广东省佛山市顺德区丰收路88号",
    client_address_en="88 Fengshou Road, Shunde District, Foshan, Guangdong, China",
    credit_code="91440606MA4UQ0XQ8K",
    scope_zh="家用空调、电冰箱的销售及售后服务（配送、安装、维修、退换货、投诉处理）",
    scope_en="Sale and after-sales service of household air conditioners and refrigerators",
    standard_code="GB/T 27922-2011",
    standard_title_zh="商品售后服务评价体系",
    standard_title_en="Evaluation system for after-sales service of commodities",
    rule_number="CB-SC-01",
    rule_version="2.0",
    grade="star4",
    stars=4,
    grade_title_zh="四星级",
    grade_title_en="Four stars",
    first_issued_on="2023-02-20",
    issued_on="2026-03-02",
    valid_from="2026-03-05",
    expires_on="2029-03-04",
    decided_on="2026-02-27",
    surveillance_note_zh="本证书在获证组织每年通过监督审查的条件下保持有效。",
    surveillance_note_en="This certificate stays valid while a surveillance audit is passed every year.",
    next_surveillance_due="2027-03-01",
    check_url="https://cert.example.org/c/CB26SC00042R1",
    national_check_url="cx.cnca.cn",
    signatory_name_zh="王明远",
    signatory_name_en="Wang Mingyuan",
    signatory_title_zh="机构负责人",
    signatory_title_en="Head of the certification body",
    mark_sentence_zh="本证书为售后服务认证，不表示商品本身已经认证。",
    mark_sentence_en="After-sales service certification; it does not mean that the product is certified.",
)

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
