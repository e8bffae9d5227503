"""From the audit to the certificate and its three years."""

from django.utils.translation import gettext_lazy as _

from certbody.body.settings_catalogue.checks import check_number_template
from certbody.body.settings_catalogue.kinds import Entry, Group, Kind
from certbody.body.settings_catalogue.makers import (
    MEASURES,
    PUBLISHED_TIMES,
    QMS_RULE,
    RECOMMENDED,
    RULE_17065,
    SUSPENSION_HABIT,
    parameter,
    review_days,
    switch,
    text,
    whole,
)

AUDIT: tuple[Entry, ...] = (
    Entry(
        key="stage1_mode_default",
        label=_("Usual way of the first stage"),
        group=Group.AUDIT,
        kind=Kind.CHOICE,
        default=parameter("stage1_mode_default"),
        source=_("sources say: mainly documents"),
        choices={
            "desk": _("documents at the desk"),
            "on_site": _("on site"),
            "combined": _("combined with stage 2 in one visit"),
        },
    ),
    whole(
        "nc_close_days",
        _("Days to close a finding"),
        Group.AUDIT,
        parameter("nc_close_days_default"),
        RECOMMENDED,
        most=365,
    ),
    whole(
        "report_days",
        _("Working days for the audit report"),
        Group.AUDIT,
        review_days("report"),
        PUBLISHED_TIMES,
    ),
    whole(
        "applicable_points_floor",
        _("Points that must apply after exclusions"),
        Group.AUDIT,
        70,
        RECOMMENDED,
        most=100,
    ),
)

COMMITTEE: tuple[Entry, ...] = (
    whole(
        "quorum",
        _("Ballots needed, abstentions included (quorum)"),
        Group.COMMITTEE,
        3,
        RECOMMENDED,
        least=2,
        most=15,
    ),
    Entry(
        key="majority",
        label=_("Majority that carries a motion"),
        group=Group.COMMITTEE,
        kind=Kind.CHOICE,
        default="more_than_half",
        source=RECOMMENDED,
        choices={
            "more_than_half": _("more than half of the votes cast"),
            "two_thirds": _("two thirds of the votes cast"),
            "all": _("all votes cast"),
        },
    ),
    switch("chair_breaks_tie", _("The chair's vote decides a tie"), Group.COMMITTEE, True, RECOMMENDED),
    switch(
        "sales_barred_from_decision",
        _("Whoever made the offer may not review, vote or sign"),
        Group.COMMITTEE,
        True,
        RULE_17065,
    ),
    whole("appeal_days", _("Days to appeal against a decision"), Group.COMMITTEE, 30, RECOMMENDED, most=365),
    whole(
        "decision_days",
        _("Working days for the decision"),
        Group.COMMITTEE,
        review_days("decision"),
        PUBLISHED_TIMES,
    ),
)

CERTIFICATE: tuple[Entry, ...] = (
    text(
        "number_template",
        _("Form of a certificate number"),
        Group.CERTIFICATE,
        "{cb_code}{yy}SC{seq:05}R{cycle}",
        _("the body's own choice; upper-case letters and digits without spaces (CNCA reporting rule)"),
        most=80,
        checks=(check_number_template,),
    ),
    whole(
        "validity_years",
        _("Years a certificate is valid"),
        Group.CERTIFICATE,
        parameter("validity_years"),
        _("standard"),
        most=5,
    ),
    text(
        "surveillance_note",
        _("Surveillance line of the certificate"),
        Group.CERTIFICATE,
        "证书有效期内须接受监督审查，经监督合格后继续有效",
        _("readers check the latest surveillance date (published by certification bodies)"),
        most=80,
    ),
    text(
        "surveillance_note_en",
        _("Surveillance line in English"),
        Group.CERTIFICATE,
        "The certificate stays valid subject to surveillance audits",
        _("readers check the latest surveillance date (published by certification bodies)"),
        most=120,
    ),
    text(
        "mark_sentence",
        _("Sentence about the mark; {standard} and {number} are filled in"),
        Group.CERTIFICATE,
        "商品售后服务认证，依据{standard}，证书编号{number}，不表示产品或管理体系获得认证",
        _("Measures on certificates and marks: a service mark may not suggest a certified product"),
        most=160,
    ),
    text(
        "mark_sentence_en",
        _("Sentence about the mark in English"),
        Group.CERTIFICATE,
        "After-sales service certification under {standard}, certificate {number}; "
        "it does not mean that a product or a management system is certified",
        _("Measures on certificates and marks: a service mark may not suggest a certified product"),
        most=240,
    ),
    whole(
        "certificate_days",
        _("Working days to issue"),
        Group.CERTIFICATE,
        review_days("certificate"),
        PUBLISHED_TIMES,
    ),
)

CYCLE: tuple[Entry, ...] = (
    whole(
        "surveillance_first_within_months",
        _("Months from the issue to the first surveillance at the latest"),
        Group.CYCLE,
        parameter("surveillance_first_within_months"),
        _("published by certification bodies; CNCA-QMS-01:2025, a benchmark"),
        most=24,
    ),
    whole(
        "surveillance_opens_before_months",
        _("Months before its last day at which a surveillance can begin"),
        Group.CYCLE,
        3,
        _("habit of certification bodies: the first surveillance in the ninth to twelfth month"),
        most=12,
    ),
    whole(
        "surveillance_interval_max_months",
        _("Months between two surveillances at the most"),
        Group.CYCLE,
        parameter("surveillance_interval_max_months"),
        QMS_RULE,
        most=24,
    ),
    whole(
        "surveillance_min_per_cycle",
        _("Surveillances in a cycle at the least"),
        Group.CYCLE,
        parameter("surveillance_min_per_cycle"),
        QMS_RULE,
        most=12,
    ),
    whole(
        "recert_apply_before_expiry_months",
        _("Months before the expiry to apply for recertification"),
        Group.CYCLE,
        parameter("recert_apply_before_expiry_months"),
        _("published by a certification body"),
        most=24,
    ),
    whole(
        "suspension_decide_within_days",
        _("Days to decide on a suspension"),
        Group.CYCLE,
        parameter("suspension_decide_within_days"),
        MEASURES,
        most=5,
    ),
    whole(
        "suspension_default_months",
        _("Months of a suspension as a rule"),
        Group.CYCLE,
        parameter("suspension_default_months"),
        SUSPENSION_HABIT,
        most=6,
    ),
    whole(
        "suspension_max_months",
        _("Months of a suspension at the most"),
        Group.CYCLE,
        parameter("suspension_max_months"),
        SUSPENSION_HABIT,
        most=12,
    ),
    whole(
        "records_retention_years_after_end",
        _("Years records are kept after the certificate ended"),
        Group.CYCLE,
        parameter("records_retention_years_after_end"),
        MEASURES,
        least=2,
        most=50,
    ),
)
