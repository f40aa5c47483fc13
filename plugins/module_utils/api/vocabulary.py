# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The enumerations of the platform: each word as results show it, and its other spellings.

A platform answers in the language of the request, and not always in the same case; shapes read every spelling as the
documented one. The Chinese words are from the reference if it has any, otherwise from the platform's console.
"""

from __future__ import annotations

from .metric_names import GROUPS
from .shape import Words

JOB_STATUS = Words(
    {
        "Running": ("executing", "in progress", "processing", "执行中", "运行中", "进行中", "正在执行", "处理中"),
        "Pending": ("waiting", "queued", "ready", "init", "等待中", "待执行", "等待执行", "排队中", "未开始"),
        "Completed": (
            *("complete", "success", "succeeded", "successful", "succeed", "finished", "done"),
            *("已完成", "完成", "成功", "执行成功", "执行完成", "任务成功", "已成功"),
        ),
        "Failed": ("failure", "fail", "error", "失败", "执行失败", "任务失败", "已失败", "异常", "错误"),
        "Canceled": ("cancelled", "cancel", "revoked", "已取消", "取消", "已撤销"),
        "Aborted": ("已中止", "中止", "已中断", "中断"),
        "Terminated": ("已终止", "终止"),
    }
)

INSTANCE_STATUS = Words(
    {
        "BUILD": ("building", "creating", "创建中", "正在创建", "安装中"),
        "ACTIVE": ("normal", "available", "running", "正常", "运行中", "运行正常", "可用", "实例正常"),
        "BUILD_FAILED": ("create_failed", "create fail", "创建失败", "安装失败"),
        "FAILED": ("abnormal", "error", "异常", "实例异常", "故障", "失败"),
        "FROZEN": ("已冻结", "冻结"),
        "SHUTDOWN": ("shut down", "已停止", "停止", "已关机", "关机", "关闭"),
        "STOPPED": ("已停机",),
        "STORAGE FULL": ("storage_full", "disk full", "磁盘空间满", "磁盘满", "存储空间满", "实例磁盘空间满"),
        "UPGRADE TO BE OBSERVED": ("升级待观察", "待观察", "升级观察中"),
        "REBOOTING": ("restarting", "重启中", "正在重启"),
        "STARTING": ("启动中", "正在启动"),
        "STOPPING": ("停止中", "正在停止"),
        "MODIFYING": ("修改中", "变更中", "配置变更中"),
        "MODIFYING DATABASE PORT": ("端口修改中", "修改端口中", "数据库端口修改中"),
        "RESTORING": ("恢复中", "正在恢复"),
        "BACKING UP": ("备份中", "正在备份"),
        "DELETING": ("删除中", "正在删除"),
        "UPGRADING": ("升级中", "正在升级"),
        "SWITCHOVER": ("switching over", "主备切换中", "切换中", "倒换中"),
        "REPAIRING": ("修复中", "正在修复"),
        "EXPANDING": ("扩容中", "正在扩容"),
        "REDUCING": ("缩容中", "正在缩容"),
        "MIGRATING": ("迁移中", "正在迁移"),
    }
)

# The reference lists one word, "NORMAL".
DBMIND_STATUS = Words(
    {
        "NORMAL": ("active", "running", "正常", "运行中", "运行正常"),
        "ABNORMAL": ("failed", "error", "异常", "故障"),
        "CREATING": ("build", "building", "创建中"),
        "SHUTDOWN": ("stopped", "已停止", "停止"),
    }
)

INSTANCE_TYPE = Words(
    {
        "combined": ("enterprise", "distributed", "分布式", "分布式版", "混合部署"),
        "centralization_standard": ("ha", "centralized", "集中式", "主备版", "主备", "主备式"),
    }
)
NODE_ROLE = Words({"master": ("primary", "主节点", "主"), "slave": ("standby", "备节点", "备")})
# Of a node, apart from its components; the reference has one word, "normal".
NODE_STATUS = Words(
    {
        "normal": ("active", "online", "available", "正常", "运行正常", "在线"),
        "abnormal": ("failed", "fault", "faulty", "error", "offline", "down", "异常", "故障", "离线"),
        "SHUTDOWN": ("shut down", "已关机", "已停止", "停止", "关机"),
        "STOPPED": ("已停机",),
        "BUILD": ("building", "creating", "创建中"),
    }
)
COMPONENT_TYPE = Words({"CN": (), "DN": (), "CM": ("CMS",), "GTM": (), "ETCD": ()})
COMPONENT_STATUS = Words(
    {
        "Primary": ("master", "main", "主", "主节点"),
        "Standby": ("slave", "备", "备节点"),
        "StateLeader": ("leader",),
        "StateFollower": ("follower",),
        "Normal": ("正常",),
        "Down": ("offline", "disconnected", "宕机", "离线"),
        "Abnormal": ("fault", "failed", "error", "异常", "故障"),
        "Stopped": ("manually stopped", "已停止", "停止"),
        "Need repair": ("待修复", "需要修复"),
    }
)

DR_TYPE = Words({"stream": ("streaming", "流式", "流式容灾"), "dorado": ("dorado容灾",)})
DR_ROLE = Words(
    {
        "master": ("primary", "主", "主实例", "主集群"),
        "disaster": ("standby", "slave", "灾备", "备", "备实例", "灾备实例", "容灾实例"),
    }
)
DR_STATUS = Words(
    {
        "pre_checking": ("预校验中", "校验中"),
        "pre_check_failed": ("预校验失败", "校验失败"),
        "pending": ("创建中", "搭建中", "处理中", "等待中", "执行中"),
        "normal": ("正常", "容灾中"),
        "dr_log_keep": ("日志保持", "日志保持中"),
        "simulation": ("容灾演练", "演练中", "容灾演练中"),
        "failover": ("升主", "已升主", "容灾升主"),
        "completed": ("complete", "released", "已完成", "已解除", "解除", "完成"),
        "failed": ("fail", "failure", "失败", "异常", "搭建失败"),
    }
)
DR_MONITOR_STATUS = Words(
    {
        "archive": ("归档", "归档中"),
        "normal": ("正常",),
        "creating": ("创建中", "搭建中"),
        "create_fail": ("create failed", "创建失败", "搭建失败"),
        "data_sync": ("数据同步", "数据同步中", "同步中"),
        "recovering": ("recovery", "恢复中"),
        "recovery_fail": ("recovery failed", "恢复失败"),
        "promote": ("升主", "升主中"),
        "promote_fail": ("promote failed", "升主失败"),
        "stopping": ("停止中",),
        "stopped": ("已停止",),
        "stop_fail": ("stop failed", "停止失败"),
        "upgrading": ("升级中",),
    }
)

BACKUP_STATUS = Words(
    {
        "BUILDING": ("build", "creating", "running", "backing up", "备份中", "创建中", "进行中"),
        "COMPLETED": (
            "complete",
            "success",
            "succeeded",
            "available",
            "备份完成",
            "已完成",
            "完成",
            "备份成功",
            "成功",
        ),
        "FAILED": ("fail", "failure", "error", "备份失败", "失败", "异常"),
        "STOPPED": ("canceled", "cancelled", "已停止", "停止", "已取消"),
        "DELETING": ("删除中", "正在删除"),
    }
)
BACKUP_TYPE = Words(
    {
        "auto": ("自动", "自动全量备份", "自动备份"),
        "manual": ("手动", "手动全量备份", "手动备份"),
        "differential": ("差异备份", "差量备份", "差备"),
        "Snapshot_Xbsa": ("XBSA手动全量备份",),
        "Log_Xbsa": ("XBSA日志备份",),
        "OffSite_Snapshot_Xbsa": ("XBSA跨云全量备份",),
        "OffSite_Log_Xbsa": ("XBSA跨云日志备份",),
        "auto_database_table": ("表级自动备份",),
        "manual_database_table": ("表级手动备份",),
    }
)

# The reference shows one word of each, "WORKING" and "Completed".
AGENT_STATUS = Words(
    {
        "WORKING": ("normal", "running", "active", "正常", "工作中", "运行中"),
        "UPGRADING": ("升级中",),
        "ABNORMAL": ("fault", "error", "failed", "异常", "故障"),
    }
)
AGENT_UPGRADE_STATUS = Words(
    {
        "Running": ("executing", "upgrading", "in progress", "升级中", "执行中", "进行中"),
        "Completed": (
            "complete",
            "success",
            "succeeded",
            "successful",
            "已完成",
            "完成",
            "成功",
            "升级成功",
            "升级完成",
        ),
        "Failed": ("failure", "fail", "error", "失败", "升级失败"),
        "Not upgraded": ("none", "never", "not started", "init", "--", "未升级", "待升级"),
    }
)

ALARM_SEVERITY = Words(
    {"critical": ("紧急",), "major": ("重要",), "minor": ("次要",), "notice": ("提示", "info", "warning", "一般")},
)
ALARM_STATUS = Words(
    {
        "activated": ("active", "激活", "已激活"),
        "clear": ("cleared", "已清理", "已清除"),
        "recovered": ("已恢复", "恢复"),
    }
)
ALARM_TYPE = Words(
    {
        "metric": ("指标告警", "指标"),
        "event": ("事件告警", "事件"),
        "system-metric": ("系统指标告警",),
        "system-event": ("系统事件告警",),
        "system": ("系统告警",),
    }
)

HOST_STATUS = Words(
    {
        "initializing": ("初始化中",),
        "initialized": ("初始化完成", "已初始化"),
        "initialize_failed": ("initialization failed", "初始化失败"),
        "unmanaged": ("待纳管", "未纳管"),
        "in_use": ("used", "使用中"),
        "deleting": ("删除中",),
        "delete_failed": ("删除失败",),
    }
)
HOST_TYPE = Words({"BMS": ("物理机",)})
HOST_OS = Words({"kylin": ("麒麟",), "uniontech": ("uos", "统信")})
HOST_CPU = Words({"intel": ("英特尔",), "hygon": ("海光",), "kunpeng": ("鲲鹏",)})
HOST_STORAGE = Words({"localssd": ("本地盘", "本地SSD"), "dorado": ()})
HOST_ARCH = Words({"x86": ("x86_64",), "arm": ("aarch64", "arm64")})
DETECTION_RESULT = Words(
    {"passed": ("pass", "通过"), "warning": ("warn", "警告"), "unpassed": ("failed", "不通过", "未通过")}
)
ADDED = Words({"added": ("online", "已添加", "已纳管")})

INSPECTION_STATUS = Words(
    {
        # An inspection that has not run yet.
        "waiting": ("pending", "未执行", "待执行", "等待中", "未开始"),
        "running": ("executing", "in progress", "执行中", "进行中", "运行中"),
        "completed": ("complete", "success", "succeeded", "finished", "已完成", "完成", "成功"),
        "failed": ("fail", "failure", "error", "失败", "执行失败", "异常"),
    }
)
INSPECTION_POLICY = Words({"single": ("单次巡检", "单次"), "periodic": ("周期巡检", "周期")})
INSPECTION_SCOPE = Words(
    {
        "real_time": ("实时", "实时巡检"),
        "daily": ("日巡检", "每日"),
        "weekly": ("周巡检", "每周"),
        "monthly": ("月巡检", "每月"),
    }
)
INSPECTION_PERIOD = Words(
    {
        "soon": ("立即执行", "立即"),
        "later": ("稍后执行", "稍后"),
        "fixed": ("按时间间隔执行", "按时间间隔"),
        "daily": ("按天执行", "按天", "每日"),
        "weekly": ("按周执行", "按周", "每周"),
        "monthly": ("按月执行", "按月", "每月"),
    }
)
CHECK_STATUS = Words(
    {
        "normal": ("pass", "passed", "success", "正常", "通过"),
        "abnormal": ("异常", "不正常"),
        "fail": ("failed", "failure", "失败", "巡检失败"),
    }
)
# Possible answers to a write instead of data. Any server may send a bare OK.
ACKNOWLEDGED = Words({"success": ("succeeded", "succeed", "successful", "成功", "操作成功")})
DELETION = Words({"success": ("succeeded", "成功", "删除成功"), "failure": ("fail", "failed", "失败", "删除失败")})

UPGRADE_TYPE = Words(
    {"inplace": ("就地升级",), "grey": ("gray", "灰度升级", "滚动升级"), "hotfix": ("热补丁", "热补丁升级")}
)
UPGRADE_ACTION = Words(
    {
        "upgradeAutoCommit": ("升级自动提交", "自动提交"),
        "upgrade": ("升级",),
        "commit": ("提交",),
        "rollback": ("回滚",),
    }
)

SESSION_STATE = Words(
    {
        "active": ("活跃", "活动", "执行中"),
        "idle": ("空闲",),
        "idle in transaction": ("事务中空闲", "事务空闲", "空闲事务"),
        "idle in transaction (aborted)": ("idle in transaction aborted", "事务异常空闲"),
        "fastpath function call": (),
        "retrying": ("重试中",),
        "disabled": ("禁用",),
    }
)

# The reference misspells some of these.
THROTTLE_STATUS = Words(
    {
        "CREATING": ("创建中",),
        "UPDATING": ("updateing", "更新中", "修改中"),
        "DELETING": ("删除中",),
        "WAIT_EXECUTE": ("wait_excute", "待执行", "等待执行"),
        "EXECUTING": ("excuting", "running", "执行中", "限流中"),
        "TIME_OVER": ("已结束", "已到期", "已过期"),
        "DELETED": ("已删除",),
        "CREATE_FAILED": ("创建失败",),
        "UPDATE_FAILED": ("更新失败", "修改失败"),
        "DELETE_FAILED": ("删除失败",),
        "EXCEPTION": ("异常",),
        "NODE_SHUT_DOWN": ("节点关闭", "节点关机", "节点停止"),
    }
)
THROTTLE_TYPE = Words(
    {
        "sql_id": ("SQL_ID",),
        "sql_type": ("SQL_TYPE", "SQL类型"),
        "sessions": ("SESSION_ACTIVE_MAX_COUNT", "SESION_ACTIVE_MAX_COUNT", "SEESION_ACTIVE_MAX_COUNT", "活跃会话数"),
    }
)
THROTTLE_SCOPE = Words({"SQL": ("SQL级",), "SESSION": ("会话", "会话级")})
SQL_TYPE = Words(
    {"select": ("查询",), "update": ("更新",), "insert": ("插入",), "delete": ("删除",), "merge": ("合并",)}
)

REPORT_STATUS = Words(
    {
        "EXPORTING": ("running", "exporting", "collecting", "导出中", "采集中", "执行中", "生成中"),
        "SUCCESS": ("succeeded", "completed", "成功", "采集成功", "导出成功", "已完成", "完成"),
        "FAILED": ("fail", "failure", "失败", "采集失败", "导出失败"),
    }
)
REPORT_TYPE = Words({"cluster": ("instance", "实例级", "集群"), "component": ("组件级", "组件")})
METRIC_GROUP = Words({group: ("锁",) if group == "LOCK" else () for group in GROUPS})
MANAGE_STATUS = Words(
    {"ENABLED": ("managed", "已纳管", "开启"), "DISABLED": ("unmanaged", "未纳管", "解除纳管", "关闭")}
)

# Word in the request for a new instance, and what 4.11.8 shows.
CONSISTENCY = Words({"strong": ("强一致性", "强一致"), "eventual": ("最终一致性", "最终一致")})
REPLICATION = Words({"sync": ("synchronous", "同步"), "async": ("asynchronous", "异步")})
CONSISTENCY_PROTOCOL = Words({"quorum": (), "paxos": ()})
ENGINE = Words({"GaussDB": ("gaussdbv5",), "gaussdbv5-dbmind": ("dbmind",)})
