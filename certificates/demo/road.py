"""One case on its way: every method takes real steps on its day, by the person whose step it is."""

from certbody.outbox.sweeper import sweep
from certificates.demo.applying import take
from certificates.demo.auditing import AuditRoad
from certificates.demo.people import account
from certificates.models import Certificate, Panel
from certificates.states import Choice, Outcome


class Road(AuditRoad):
    """The way from the released report to the certificate and its later states."""

    def open_panel(self) -> Panel:
        audit = self._audit
        failed = audit.grade == "fail"
        with self.on(2):
            members = [account(name).person for name in ("chair", "member1", "member2")]
            panel: Panel = take(
                "panel.open",
                Panel(case=self.case, report=audit.report),
                actor=account("secretary"),
                outcome=Outcome.REFUSE if failed else Outcome.GRANT,
                grade="" if failed else audit.grade,
                reasons="特别扣分达到五项，评价不通过。" if failed else "评价符合标准要求。",
                members=members,
            )
        return panel

    def vote(self, panel: Panel, *names: str, choice: str = Choice.FOR) -> None:
        with self.on(1):
            for name in names or ("chair", "member1", "member2"):
                take("panel.vote", panel, actor=account(name), choice=choice, reason="已审阅报告和评分记录。")

    def close_panel(self, panel: Panel) -> None:
        with self.on(1):
            take("panel.close", panel, actor=account("secretary"))

    def sign_decision(self) -> None:
        with self.on(1):
            decision = self.case.decisions.get(state="taken")
            take("decision.sign", decision, actor=account("head"))
            sweep()

    def return_decision(self) -> None:
        with self.on(1):
            decision = self.case.decisions.get(state="taken")
            take(
                "decision.return",
                decision,
                actor=account("head"),
                reason="请委员会补充说明对抽样数量的意见。",
            )

    def issue(self) -> Certificate:
        with self.on(2):
            decision = self.case.decisions.get(state="signed")
            wish = Certificate(case=self.case, organisation=self.organisation, decision=decision)
            certificate: Certificate = take("certificate.reserve", wish, actor=account("certificates"))
            sweep()
            certificate.refresh_from_db()
        return certificate

    def change_status(self, name: str, ground: str, reason: str, *, days_later: int) -> None:
        with self.on(days_later):
            certificate = Certificate.objects.get(case=self.case)
            take(f"certificate.{name}", certificate, actor=account("head"), ground=ground, reason=reason)
