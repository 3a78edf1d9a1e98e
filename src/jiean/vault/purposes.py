"""The closed list of purposes personal data may be opened for (TRUST, section 6)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Purpose(models.TextChoices):
    EMERGENCY = "emergency", _("紧急救助")
    DISPATCH = "dispatch", _("指挥调度")
    DISPUTE = "dispute", _("矛盾调处")
    INSPECTION = "inspection", _("检查整改")
    TENANCY = "tenancy", _("租住管理")
    SCHOOL = "school", _("校园安全")
    VOLUNTEER = "volunteer", _("志愿服务")
    RIGHTS = "rights", _("个人信息权利请求")
    AUDIT = "audit", _("审计")
    LEGAL = "legal", _("依法调取")
