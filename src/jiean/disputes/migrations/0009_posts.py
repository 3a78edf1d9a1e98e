"""Hive posts and their queues. Where a dispute was registered, and that no call came before, is written once: the table refuses to raise it."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

FORWARD = """
CREATE FUNCTION disputes_registered_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'where a dispute was registered, and what was known then, is written once'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'disputes_registered_once';
END $$;
CREATE TRIGGER disputes_registered_once BEFORE UPDATE OF post_id, before_call ON disputes_dispute FOR EACH ROW
    WHEN (NEW.post_id IS DISTINCT FROM OLD.post_id OR (NEW.before_call AND NOT OLD.before_call))
    EXECUTE FUNCTION disputes_registered_once();
"""
BACKWARD = """
DROP TRIGGER disputes_registered_once ON disputes_dispute;
DROP FUNCTION disputes_registered_once();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("disputes", "0008_joint"),
        ("grid", "0001_ground"),
        ("people", "0003_sittings"),
    ]

    operations = [
        migrations.CreateModel(
            name="HivePost",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="建立时间")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="更新时间")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="版本")),
                (
                    "services",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("mediation", "调解"),
                                ("advice", "法律咨询"),
                                ("fire", "消防服务"),
                                ("publicity", "平安宣传"),
                                ("collection", "意见收集"),
                                ("self", "自助办理"),
                            ],
                            max_length=10,
                        ),
                        default=list,
                        size=None,
                        verbose_name="服务",
                    ),
                ),
                (
                    "days",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(), default=list, size=None, verbose_name="开放日"
                    ),
                ),
                ("from_hour", models.PositiveSmallIntegerField(default=9, verbose_name="从几点")),
                ("to_hour", models.PositiveSmallIntegerField(default=21, verbose_name="到几点")),
                ("open_since", models.DateField(verbose_name="启用日期")),
                ("active", models.BooleanField(default=True, verbose_name="在用")),
            ],
            options={
                "verbose_name": "蜂巢站点",
                "ordering": ["premises__code"],
            },
        ),
        migrations.CreateModel(
            name="PostDuty",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="建立时间")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="更新时间")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="版本")),
                ("account_id", models.BigIntegerField(verbose_name="账号")),
                (
                    "calling",
                    models.CharField(
                        choices=[
                            ("people", "人民调解员"),
                            ("clerk", "司法助理员"),
                            ("officer", "社区民警"),
                            ("counsellor", "心理咨询师"),
                            ("lawyer", "律师"),
                        ],
                        max_length=10,
                        verbose_name="身份",
                    ),
                ),
                ("starts_at", models.DateTimeField(verbose_name="自")),
                ("ends_at", models.DateTimeField(verbose_name="至")),
            ],
            options={
                "verbose_name": "站点值守",
                "ordering": ["starts_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="Ticket",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="建立时间")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="更新时间")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="版本")),
                ("day", models.DateField(verbose_name="日期")),
                ("number", models.PositiveIntegerField(verbose_name="号")),
                (
                    "service",
                    models.CharField(
                        choices=[
                            ("mediation", "调解"),
                            ("advice", "法律咨询"),
                            ("fire", "消防服务"),
                            ("publicity", "平安宣传"),
                            ("collection", "意见收集"),
                            ("self", "自助办理"),
                        ],
                        max_length=10,
                        verbose_name="服务",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("WAITING", "等候中"),
                            ("CALLED", "已叫号"),
                            ("SERVED", "已接待"),
                            ("NO_SHOW", "过号"),
                        ],
                        default="WAITING",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("taken_at", models.DateTimeField(verbose_name="取号时间")),
                ("called_at", models.DateTimeField(null=True, verbose_name="叫号时间")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="结束时间")),
                ("report_id", models.BigIntegerField(null=True, verbose_name="上报")),
            ],
            options={
                "verbose_name": "排队号",
                "ordering": ["day", "number"],
            },
        ),
        migrations.CreateModel(
            name="TicketSeries",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(verbose_name="日期")),
                ("last", models.PositiveIntegerField(default=0, verbose_name="最后的号")),
            ],
            options={
                "verbose_name": "排队号序",
            },
        ),
        migrations.AddField(
            model_name="dispute",
            name="before_call",
            field=models.BooleanField(default=False, verbose_name="登记前没有警情"),
        ),
        migrations.AddField(
            model_name="dispute",
            name="post_id",
            field=models.BigIntegerField(null=True, verbose_name="登记的站点"),
        ),
        migrations.AddIndex(
            model_name="dispute",
            index=models.Index(
                condition=models.Q(("post_id__isnull", False)), fields=["post_id"], name="disputes_of_post"
            ),
        ),
        migrations.AddField(
            model_name="hivepost",
            name="premises",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="hive_post",
                to="grid.premises",
                verbose_name="场所",
            ),
        ),
        migrations.AddField(
            model_name="postduty",
            name="post",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="duties",
                to="disputes.hivepost",
                verbose_name="蜂巢站点",
            ),
        ),
        migrations.AddField(
            model_name="ticket",
            name="dispute",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="tickets",
                to="disputes.dispute",
                verbose_name="纠纷",
            ),
        ),
        migrations.AddField(
            model_name="ticket",
            name="post",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="tickets",
                to="disputes.hivepost",
                verbose_name="蜂巢站点",
            ),
        ),
        migrations.AddField(
            model_name="ticketseries",
            name="post",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="disputes.hivepost",
                verbose_name="蜂巢站点",
            ),
        ),
        migrations.AddConstraint(
            model_name="hivepost",
            constraint=models.CheckConstraint(
                condition=models.Q(("from_hour__lt", models.F("to_hour")), ("to_hour__lte", 24)),
                name="disputes_post_hours",
            ),
        ),
        migrations.AddIndex(
            model_name="postduty",
            index=models.Index(fields=["account_id", "ends_at"], name="disputes_post_duty_of"),
        ),
        migrations.AddConstraint(
            model_name="postduty",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="disputes_post_duty_dated"
            ),
        ),
        migrations.AddConstraint(
            model_name="postduty",
            constraint=models.UniqueConstraint(
                fields=("post", "account_id", "starts_at"), name="disputes_post_duty_once"
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("state", "WAITING")), fields=["post", "day", "number"], name="disputes_waiting"
            ),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.UniqueConstraint(fields=("post", "day", "number"), name="disputes_ticket_once"),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(("dispute", None), ("report_id", None), _connector="OR"),
                name="disputes_ticket_becomes_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticketseries",
            constraint=models.UniqueConstraint(fields=("post", "day"), name="disputes_tickets_of_day"),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
