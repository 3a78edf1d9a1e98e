"""Units, shifts, incidents, orders and the advice on them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("grid", "0001_ground"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE dispatch_incident_number START 1001", "DROP SEQUENCE dispatch_incident_number"
        ),
        migrations.CreateModel(
            name="PositionTrack",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "slot", "unit_id", "at", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("slot", models.SmallIntegerField()),
                ("unit_id", models.BigIntegerField(verbose_name="警力单元")),
                ("at", models.DateTimeField(verbose_name="定位时间")),
                ("lon", models.FloatField(verbose_name="经度")),
                ("lat", models.FloatField(verbose_name="纬度")),
                ("heading", models.PositiveSmallIntegerField(null=True, verbose_name="方向")),
            ],
            options={
                "verbose_name": "轨迹",
                "db_table": "dispatch_positiontrack",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Shift",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="建立时间")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="更新时间")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="版本")),
                ("name", models.CharField(max_length=20, verbose_name="班次")),
                ("starts_at", models.DateTimeField(verbose_name="开始")),
                ("ends_at", models.DateTimeField(verbose_name="结束")),
            ],
            options={
                "verbose_name": "班次",
            },
        ),
        migrations.CreateModel(
            name="Unit",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="建立时间")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="更新时间")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="版本")),
                ("call_sign", models.CharField(max_length=12, unique=True, verbose_name="呼号")),
                (
                    "unit_class",
                    models.CharField(
                        choices=[
                            ("patrol_car", "巡逻车"),
                            ("ptu", "PTU 机动队"),
                            ("road_patrol", "基础路巡"),
                            ("post", "警务站"),
                            ("motorcycle", "摩托巡逻"),
                            ("foot", "步巡"),
                            ("volunteer", "义警队"),
                        ],
                        max_length=12,
                        verbose_name="类型",
                    ),
                ),
                ("base_lon", models.FloatField(verbose_name="驻点经度")),
                ("base_lat", models.FloatField(verbose_name="驻点纬度")),
                ("skills", models.JSONField(blank=True, default=list, verbose_name="专长")),
                ("seats", models.PositiveSmallIntegerField(default=4, verbose_name="座位")),
                ("active", models.BooleanField(default=True, verbose_name="在用")),
            ],
            options={
                "verbose_name": "警力单元",
                "ordering": ["call_sign"],
            },
        ),
        migrations.CreateModel(
            name="Incident",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="建立时间")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="更新时间")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="版本")),
                (
                    "number",
                    models.BigIntegerField(
                        db_default=models.Func(models.Value("dispatch_incident_number"), function="nextval"),
                        editable=False,
                        unique=True,
                        verbose_name="编号",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("dispute", "矛盾纠纷"),
                            ("traffic", "交通"),
                            ("noise", "噪声扰民"),
                            ("fraud", "诈骗"),
                            ("hazard", "安全隐患"),
                            ("missing", "走失"),
                            ("theft", "盗窃"),
                            ("fire", "火情"),
                            ("violence", "打架伤害"),
                            ("help", "求助"),
                            ("housing", "房屋租赁"),
                            ("other", "其他"),
                        ],
                        max_length=10,
                        verbose_name="类别",
                    ),
                ),
                ("grade", models.PositiveSmallIntegerField(verbose_name="级别")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("RECEIVED", "已接警"),
                            ("GRADED", "已分级"),
                            ("DISPATCHED", "已派警"),
                            ("HANDLED", "已处置"),
                            ("FED_BACK", "已反馈"),
                            ("REVIEWED", "已审核"),
                            ("ARCHIVED", "已归档"),
                            ("MERGED", "已合并"),
                            ("REFERRED", "已移交"),
                            ("CANCELLED", "已取消"),
                            ("UNFOUNDED", "不属实"),
                            ("VOIDED", "已作废"),
                        ],
                        default="RECEIVED",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("lon", models.FloatField(verbose_name="经度")),
                ("lat", models.FloatField(verbose_name="纬度")),
                ("h3", models.BigIntegerField(verbose_name="六边形")),
                ("place_words", models.CharField(blank=True, max_length=120, verbose_name="地点")),
                ("summary", models.CharField(max_length=1000, verbose_name="简要情况")),
                ("contact_id", models.BigIntegerField(null=True, verbose_name="联系人记录")),
                ("report_id", models.BigIntegerField(null=True, verbose_name="上报")),
                ("source", models.CharField(blank=True, max_length=20, verbose_name="来源")),
                ("received_at", models.DateTimeField(verbose_name="接警时间")),
                ("graded_at", models.DateTimeField(null=True, verbose_name="分级时间")),
                ("dispatched_at", models.DateTimeField(null=True, verbose_name="派警时间")),
                ("first_arrival_at", models.DateTimeField(null=True, verbose_name="首车到场时间")),
                ("cleared_at", models.DateTimeField(null=True, verbose_name="处置完成时间")),
                ("fed_back_at", models.DateTimeField(null=True, verbose_name="反馈时间")),
                ("due_at", models.DateTimeField(null=True, verbose_name="应完成时间")),
                ("due_code", models.CharField(blank=True, max_length=12, verbose_name="时限")),
                (
                    "disposition",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("settled_on_spot", "现场调解"),
                            ("mediation", "转调解"),
                            ("warned", "劝阻教育"),
                            ("case_opened", "受案处理"),
                            ("traffic_handled", "交通快处"),
                            ("hazard_fixed", "隐患排除"),
                            ("found", "人员找回"),
                            ("helped", "救助完成"),
                            ("fraud_stopped", "劝阻转账"),
                            ("referred", "移交其他部门"),
                            ("not_found", "到场未发现"),
                            ("unfounded", "不属实"),
                        ],
                        max_length=20,
                        verbose_name="处置结果",
                    ),
                ),
                ("outcome", models.CharField(blank=True, max_length=1000, verbose_name="处置说明")),
                ("reopened_count", models.PositiveSmallIntegerField(default=0, verbose_name="重开次数")),
                ("flaws", models.JSONField(blank=True, default=list, verbose_name="数据疑点")),
                (
                    "cell",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="incidents",
                        to="grid.cell",
                        verbose_name="网格",
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merged",
                        to="dispatch.incident",
                        verbose_name="并入",
                    ),
                ),
                (
                    "premises",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="incidents",
                        to="grid.premises",
                        verbose_name="场所",
                    ),
                ),
            ],
            options={
                "verbose_name": "警情",
            },
        ),
        migrations.CreateModel(
            name="Assignment",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="建立时间")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="更新时间")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="版本")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("ASSIGNED", "已派出"),
                            ("ACKNOWLEDGED", "已签收"),
                            ("EN_ROUTE", "赶赴中"),
                            ("ON_SCENE", "已到场"),
                            ("CLEARED", "已结束"),
                            ("DECLINED", "已拒绝"),
                            ("RECALLED", "已撤回"),
                        ],
                        default="ASSIGNED",
                        max_length=12,
                        verbose_name="状态",
                    ),
                ),
                ("assigned_at", models.DateTimeField(verbose_name="派出时间")),
                ("acknowledged_at", models.DateTimeField(null=True, verbose_name="签收时间")),
                ("en_route_at", models.DateTimeField(null=True, verbose_name="出发时间")),
                ("on_scene_at", models.DateTimeField(null=True, verbose_name="到场时间")),
                ("cleared_at", models.DateTimeField(null=True, verbose_name="结束时间")),
                ("declined_at", models.DateTimeField(null=True, verbose_name="拒绝时间")),
                ("recalled_at", models.DateTimeField(null=True, verbose_name="撤回时间")),
                ("reason_given", models.CharField(blank=True, max_length=200, verbose_name="原因")),
                ("escalation_level", models.PositiveSmallIntegerField(default=0, verbose_name="催办级别")),
                ("advice_id", models.BigIntegerField(null=True, verbose_name="派警建议")),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="orders",
                        to="dispatch.incident",
                        verbose_name="警情",
                    ),
                ),
            ],
            options={
                "verbose_name": "派警单",
            },
        ),
        migrations.CreateModel(
            name="Advice",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("ranked", models.JSONField(verbose_name="排序")),
                ("chosen_rank", models.PositiveSmallIntegerField(null=True, verbose_name="所选名次")),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="advices", to="dispatch.incident"
                    ),
                ),
            ],
            options={
                "verbose_name": "派警建议",
            },
        ),
        migrations.CreateModel(
            name="ShiftMember",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="shift_memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "shift",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="members", to="dispatch.shift"
                    ),
                ),
            ],
            options={
                "verbose_name": "班次成员",
            },
        ),
        migrations.CreateModel(
            name="UnitPosition",
            fields=[
                (
                    "unit",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="position",
                        serialize=False,
                        to="dispatch.unit",
                    ),
                ),
                ("lon", models.FloatField(verbose_name="经度")),
                ("lat", models.FloatField(verbose_name="纬度")),
                ("heading", models.PositiveSmallIntegerField(null=True, verbose_name="方向")),
                ("at", models.DateTimeField(verbose_name="定位时间")),
                ("received_at", models.DateTimeField(verbose_name="收到时间")),
            ],
            options={
                "verbose_name": "最新位置",
            },
        ),
        migrations.AddConstraint(
            model_name="unit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("base_lat__gte", -90), ("base_lat__lte", 90), ("base_lon__gte", -180), ("base_lon__lte", 180)
                ),
                name="dispatch_unit_on_globe",
            ),
        ),
        migrations.AddField(
            model_name="shift",
            name="unit",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="shifts",
                to="dispatch.unit",
                verbose_name="警力单元",
            ),
        ),
        migrations.AddField(
            model_name="assignment",
            name="suggested_unit",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="dispatch.unit"
            ),
        ),
        migrations.AddField(
            model_name="assignment",
            name="unit",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="orders",
                to="dispatch.unit",
                verbose_name="警力单元",
            ),
        ),
        migrations.AddField(
            model_name="advice",
            name="chosen_unit",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="dispatch.unit"
            ),
        ),
        migrations.AddIndex(
            model_name="incident",
            index=models.Index(
                condition=models.Q(("state__in", ("RECEIVED", "GRADED", "DISPATCHED", "HANDLED", "FED_BACK"))),
                fields=["grade", "received_at", "id"],
                include=("state", "kind", "cell_id", "due_at"),
                name="dispatch_board",
            ),
        ),
        migrations.AddIndex(
            model_name="incident",
            index=models.Index(
                condition=models.Q(("state__in", ("RECEIVED", "GRADED", "DISPATCHED", "HANDLED", "FED_BACK"))),
                fields=["cell", "grade", "received_at", "id"],
                name="dispatch_board_of_cell",
            ),
        ),
        migrations.AddIndex(
            model_name="incident",
            index=models.Index(
                condition=models.Q(("state__in", ("RECEIVED", "GRADED", "DISPATCHED", "HANDLED", "FED_BACK"))),
                fields=["lon", "lat"],
                include=("grade", "kind", "cell_id", "due_at", "state", "h3"),
                name="dispatch_map",
            ),
        ),
        migrations.AddIndex(
            model_name="incident",
            index=models.Index(fields=["-received_at", "-id"], name="dispatch_received"),
        ),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.CheckConstraint(
                condition=models.Q(("grade__in", (1, 2, 3, 4))), name="dispatch_incident_grade"
            ),
        ),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.CheckConstraint(
                condition=models.Q(("lat__gte", -90), ("lat__lte", 90), ("lon__gte", -180), ("lon__lte", 180)),
                name="dispatch_incident_on_globe",
            ),
        ),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("merged_into__isnull", False), ("state", "MERGED")),
                    models.Q(models.Q(("state", "MERGED"), _negated=True), ("merged_into", None)),
                    _connector="OR",
                ),
                name="dispatch_incident_merged",
            ),
        ),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.UniqueConstraint(
                condition=models.Q(("report_id__isnull", False)),
                fields=("report_id",),
                name="dispatch_incident_of_report",
            ),
        ),
        migrations.AddIndex(
            model_name="shiftmember",
            index=models.Index(fields=["account", "shift"], name="dispatch_shifts_of"),
        ),
        migrations.AddConstraint(
            model_name="shiftmember",
            constraint=models.UniqueConstraint(fields=("shift", "account"), name="dispatch_member_once"),
        ),
        migrations.AddIndex(
            model_name="shift",
            index=models.Index(fields=["unit", "-ends_at", "starts_at"], name="dispatch_shift_now"),
        ),
        migrations.AddConstraint(
            model_name="shift",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="dispatch_shift_dated"
            ),
        ),
        migrations.AddIndex(
            model_name="assignment",
            index=models.Index(fields=["incident", "id"], name="dispatch_orders_of"),
        ),
        migrations.AddIndex(
            model_name="assignment",
            index=models.Index(fields=["unit", "-cleared_at"], name="dispatch_last_cleared"),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("cleared_at", None), ("declined_at", None), ("recalled_at", None)),
                fields=("unit",),
                name="dispatch_one_open_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.CheckConstraint(
                condition=models.Q(("escalation_level__lte", 2)), name="dispatch_order_escalation"
            ),
        ),
        migrations.AddIndex(
            model_name="advice",
            index=models.Index(fields=["incident", "-id"], name="dispatch_advice_of"),
        ),
    ]
