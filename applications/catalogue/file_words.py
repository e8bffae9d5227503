"""Words in the names of files by which a document of the checklist is known; simplified characters, small letters."""

FILE_WORDS: dict[str, tuple[str, ...]] = {
    "application_form": ("申请表", "申请书", "application form"),
    "legal_status": ("营业执照", "法人证书", "business licence", "business license"),
    "permits": ("许可证", "行政许可", "强制性认证", "3c证书", "permit", "ccc"),
    "sites": ("多场所", "场所清单", "list of sites"),
    "profile": ("简介", "公司介绍", "企业介绍", "company profile"),
    "org_chart": (
        "机构图",
        "组织架构",
        "组织结构图",
        "organisation chart",
        "organization chart",
        "org chart",
    ),
    "manual": ("手册", "管理制度", "manual"),
    "outlets": ("网点", "outlet", "outlets"),
    "service_flow": ("流程图", "flow chart", "flowchart"),
    "products": ("检验报告", "检测报告", "产品介绍", "商品介绍", "test report"),
    "legal_register": ("法规", "标准清单", "legal register"),
    "commitment": ("服务承诺", "承诺书", "服务政策", "service commitment"),
    "managers": ("管理师", "service manager", "service managers"),
    "staff": ("社保", "人力资源", "花名册", "员工名单", "social insurance"),
    "resources": ("备件", "设施清单", "工具清单", "spare parts"),
    "records": ("投诉", "回访", "满意度", "complaint", "complaints", "satisfaction"),
    "other_certs": ("荣誉", "获奖", "award", "awards"),
    "no_serious_issue": ("无重大", "no serious"),
}
