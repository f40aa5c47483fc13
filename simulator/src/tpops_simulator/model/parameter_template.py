# SPDX-License-Identifier: GPL-3.0-or-later
"""The default parameter template: which parameters an instance knows, their defaults and what they may be set to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

INT_MAX = 2147483647
_RANGE = re.compile(r"(-?\d+(?:\.\d+)?)-(-?\d+(?:\.\d+)?)")
_INTEGER = re.compile(r"-?\d{1,19}")
_NUMBER = re.compile(r"-?\d{1,19}(?:\.\d{1,12})?")

# Where a parameter lives on a distributed instance; a centralized one knows each by its plain name.
EVERYWHERE, PER_KIND, DN_ONLY = "everywhere", "per kind", "dn"


@dataclass(frozen=True)
class Parameter:
    name: str
    default: str
    value_range: str
    type: str
    restart_required: bool
    english: str
    chinese: str

    def accepts(self, value: str) -> bool:
        """Whether `value` lies in `value_range`, read the way the type prescribes."""
        if self.type == "string":
            return len(value) <= 1024 and (not self.value_range or re.fullmatch(self.value_range, value) is not None)
        if self.type in ("integer", "float"):
            shape = _INTEGER if self.type == "integer" else _NUMBER
            bounds = _RANGE.fullmatch(self.value_range)
            return bool(shape.fullmatch(value) and bounds and float(bounds[1]) <= float(value) <= float(bounds[2]))
        return value in self.value_range.split(",")


_ON_OFF = "on,off"
# name, default, value_range, type, restart_required, scope, English text, Chinese text
_ROWS: tuple[tuple[str, str, str, str, bool, str, str, str], ...] = (
    ("audit_enabled", "on", _ON_OFF, "boolean", False, EVERYWHERE,
     "Turns the audit process on or off.", "审计进程的开启和关闭。"),
    ("audit_dml_state", "0", "0-1", "integer", False, EVERYWHERE,
     "Whether INSERT, UPDATE and DELETE on a table are audited.", "是否审计表的插入、更新和删除操作。"),
    ("audit_dml_state_select", "0", "0-1", "integer", False, EVERYWHERE,
     "Whether SELECT is audited.", "是否审计查询操作。"),
    ("audit_function_exec", "0", "0-1", "integer", False, EVERYWHERE,
     "Whether the execution of functions and procedures is audited.", "是否审计函数和存储过程的执行。"),
    ("audit_set_parameter", "0", "0-1", "integer", False, EVERYWHERE,
     "Whether SET operations are audited.", "是否审计参数设置操作。"),
    ("audit_system_object", "67121159", "0-268435455", "integer", False, EVERYWHERE,
     "Bit mask of the kinds of object whose CREATE, DROP and ALTER are audited.", "审计对象增删改操作的掩码。"),
    ("auto_explain_log_min_duration", "-1", f"-1-{INT_MAX}", "integer", False, PER_KIND,
     "Run time in milliseconds from which plans are logged; -1 turns it off.",
     "自动打印执行计划的最小时长，单位毫秒。"),
    ("autoanalyze", "on", _ON_OFF, "boolean", False, EVERYWHERE,
     "Whether statistics are gathered automatically when a plan needs them.", "生成计划时是否自动收集统计信息。"),
    ("autovacuum", "on", _ON_OFF, "boolean", False, DN_ONLY,
     "Whether the automatic clean-up thread runs.", "是否启动自动清理线程。"),
    ("autovacuum_analyze_scale_factor", "0.1", "0-100", "float", False, DN_ONLY,
     "Part of a table that must have changed before it is analyzed.", "触发ANALYZE的表大小缩放系数。"),
    ("autovacuum_max_workers", "3", "0-128", "integer", True, DN_ONLY,
     "How many clean-up threads may run at a time.", "可同时运行的自动清理线程的最大数量。"),
    ("autovacuum_naptime", "600", "1-2147483", "integer", False, DN_ONLY,
     "Seconds between two clean-ups.", "两次自动清理操作的时间间隔，单位秒。"),
    ("autovacuum_vacuum_scale_factor", "0.2", "0-100", "float", False, DN_ONLY,
     "Part of a table that must have changed before it is cleaned up.", "触发VACUUM的表大小缩放系数。"),
    ("checkpoint_completion_target", "0.5", "0-1", "float", False, DN_ONLY,
     "Part of the checkpoint interval in which a checkpoint should be done.", "检查点完成目标。"),
    ("checkpoint_timeout", "900", "30-3600", "integer", False, DN_ONLY,
     "Longest time between two checkpoints, in seconds.", "自动检查点之间的最长时间，单位秒。"),
    ("cn_send_buffer_size", "8", "8-128", "integer", True, EVERYWHERE,
     "Size of the sending buffer of a coordinator, in kB.", "数据库主节点发送数据缓存区大小，单位kB。"),
    ("cost_param", "0", f"0-{INT_MAX}", "integer", False, PER_KIND,
     "Selects the estimation methods of the optimizer.", "控制优化器估算方法的选择。"),
    ("cursor_tuple_fraction", "0.1", "0-1", "float", False, PER_KIND,
     "Part of a cursor's rows that the optimizer expects to be fetched.", "优化器估计游标获取行数的比例。"),
    ("deadlock_timeout", "1000", f"1-{INT_MAX}", "integer", False, PER_KIND,
     "Milliseconds to wait for a lock before looking for a deadlock.", "检测死锁前等待锁的时间，单位毫秒。"),
    ("default_statistics_target", "100", "-100-10000", "integer", False, PER_KIND,
     "Sampling target of columns that have none of their own.", "没有设置字段目标的表列的默认统计目标。"),
    ("default_transaction_deferrable", "off", _ON_OFF, "boolean", False, PER_KIND,
     "Whether new transactions are deferrable.", "新事务的默认延迟状态。"),
    ("effective_cache_size", "16384", f"1-{INT_MAX}", "integer", False, PER_KIND,
     "Size of the disk cache that the optimizer reckons with, in blocks of 8 kB.",
     "优化器在一次查询中可用的磁盘缓冲区大小。"),
    ("effective_io_concurrency", "1", "0-1000", "integer", False, DN_ONLY,
     "How many disk operations are expected to run at a time.", "可以同时有效处理的磁盘I/O操作数。"),
    ("enable_auto_explain", "off", _ON_OFF, "boolean", False, PER_KIND,
     "Whether execution plans are written to the log by themselves.", "是否自动打印执行计划。"),
    ("enable_default_ustore_table", "off", _ON_OFF, "boolean", True, DN_ONLY,
     "Whether new tables use the in-place storage engine; flashback needs it.", "是否默认创建Ustore存储引擎的表。"),
    ("enable_recyclebin", "off", _ON_OFF, "boolean", False, DN_ONLY,
     "Whether dropped objects go to the recycle bin.", "是否开启回收站功能。"),
    ("enable_seqscan", "on", _ON_OFF, "boolean", False, PER_KIND,
     "Whether the optimizer may choose sequential scans.", "优化器是否使用顺序扫描计划类型。"),
    ("enable_slot_log", "off", _ON_OFF, "boolean", False, DN_ONLY,
     "Whether the primary sends logical replication slots to its standbys.", "是否开启逻辑复制槽主备同步特性。"),
    ("enable_stmt_track", "on", _ON_OFF, "boolean", False, PER_KIND,
     "Whether full and slow SQL is recorded.", "是否启用Full/Slow SQL特性。"),
    ("enable_tsdb", "off", _ON_OFF, "boolean", False, PER_KIND,
     "Whether the time-series features are on.", "是否开启时序数据库特性。"),
    ("enable_wdr_snapshot", "on", _ON_OFF, "boolean", False, EVERYWHERE,
     "Whether snapshots for workload reports are taken.", "是否开启数据库监控快照功能。"),
    ("failed_login_attempts", "10", "0-1000", "integer", False, EVERYWHERE,
     "Wrong passwords in a row after which an account is locked; 0 turns it off.",
     "输入密码错误的次数达到该值时账户被锁定，0表示不锁定。"),
    ("gin_fuzzy_search_limit", "0", f"0-{INT_MAX}", "integer", False, PER_KIND,
     "Soft limit of the rows that a GIN index returns.", "GIN索引返回的集合大小的上限。"),
    ("idle_in_transaction_timeout", "0", "0-86400", "integer", False, PER_KIND,
     "Seconds after which a session that idles inside a transaction is ended; 0 turns it off.",
     "事务内空闲会话的超时时间，单位秒。"),
    ("instr_unique_sql_count", "20000", f"0-{INT_MAX}", "integer", False, PER_KIND,
     "How many normalized statements are kept.", "控制系统中unique sql信息实时收集的最大条数。"),
    ("lockwait_timeout", "1200000", f"0-{INT_MAX}", "integer", False, PER_KIND,
     "Longest wait for one lock, in milliseconds.", "单个锁的最长等待时间，单位毫秒。"),
    ("log_autovacuum_min_duration", "-1", f"-1-{INT_MAX}", "integer", False, DN_ONLY,
     "Milliseconds from which a clean-up is logged; -1 turns it off.", "自动清理日志记录的最小时长，单位毫秒。"),
    ("log_min_duration_statement", "1000", f"-1-{INT_MAX}", "integer", False, PER_KIND,
     "Milliseconds from which a statement is logged; -1 turns it off.", "记录语句执行时间的阈值，单位毫秒。"),
    ("log_min_messages", "warning", "debug5,debug4,debug3,debug2,debug1,info,notice,warning,error,log,fatal,panic",
     "list", False, PER_KIND, "Lowest level of message that goes to the log.", "写到服务器日志文件中的消息级别。"),
    ("log_connections", "off", _ON_OFF, "boolean", True, EVERYWHERE,
     "Whether each attempted connection is logged.", "是否记录客户端的连接请求信息。"),
    ("maintenance_work_mem", "131072", f"1024-{INT_MAX}", "integer", False, DN_ONLY,
     "Memory of a maintenance operation, in kB.", "维护性操作可使用的最大内存，单位kB。"),
    ("max_connections", "1000", "10-262143", "integer", True, PER_KIND,
     "How many connections a node takes.", "允许和数据库连接的最大并发连接数。"),
    ("max_files_per_process", "10000", f"25-{INT_MAX}", "integer", True, DN_ONLY,
     "How many files a server process may hold open.", "每个服务器进程允许打开的最大文件数目。"),
    ("max_prepared_transactions", "1200", "0-262143", "integer", True, PER_KIND,
     "How many transactions may be in the prepared state.", "可以同时处于预备状态的事务的最大数目。"),
    ("max_process_memory", "41943040", f"2097152-{INT_MAX}", "integer", True, PER_KIND,
     "Memory that a node may use at most, in kB.", "一个数据库节点可用的最大物理内存，单位kB。"),
    ("max_replication_slots", "20", "0-262143", "integer", True, DN_ONLY,
     "How many replication slots there may be.", "主机端的日志复制slot个数。"),
    ("max_standby_streaming_delay", "3000", f"-1-{INT_MAX}", "integer", False, DN_ONLY,
     "Milliseconds that a standby waits before it cancels a conflicting query; -1 waits for ever.",
     "备机取消冲突查询前的等待时间，单位毫秒。"),
    ("max_wal_senders", "20", "0-1024", "integer", True, DN_ONLY,
     "How many processes may send the log at a time.", "事务日志发送进程的并发连接最大数量。"),
    ("password_effect_time", "90", "0-999", "float", False, EVERYWHERE,
     "Days that a password is valid; 0 means for ever.", "账户密码的有效时间，单位天，0表示不限制。"),
    ("password_lock_time", "1", "0-365", "float", False, EVERYWHERE,
     "Days after which a locked account is unlocked.", "账户被锁定后自动解锁的时间，单位天。"),
    ("password_notify_time", "7", "0-999", "integer", False, EVERYWHERE,
     "Days before the end of a password on which the user is told.", "账户密码到期前提醒的天数。"),
    ("password_reuse_time", "60", "0-3650", "float", False, EVERYWHERE,
     "Days in which a password may not be used again.", "修改密码时对新密码进行可重用天数检查。"),
    ("query_dop", "1", "-64-64", "integer", False, PER_KIND,
     "Degree of parallel query execution.", "用户自定义的查询并行度。"),
    ("random_page_cost", "4", f"0-{INT_MAX}", "float", False, PER_KIND,
     "What the optimizer reckons for a page read out of order.", "优化器计算一次非顺序抓取磁盘页面的开销。"),
    ("recovery_time_target", "60", "0-3600", "integer", False, DN_ONLY,
     "Seconds in which a standby should have replayed the log; 0 turns flow control off.",
     "备机完成日志回放的目标时间，单位秒。"),
    ("recyclebin_retention_time", "900", f"1-{INT_MAX}", "integer", False, DN_ONLY,
     "Seconds that dropped objects stay in the recycle bin.", "回收站对象保留时间，单位秒。"),
    ("session_timeout", "600", "0-86400", "integer", False, PER_KIND,
     "Seconds without use after which a session is ended; 0 turns it off.", "会话空闲超时时间，单位秒。"),
    ("shared_buffers", "1048576", "16-1073741823", "integer", True, PER_KIND,
     "Shared memory of a node, in blocks of 8 kB.", "数据库节点使用的共享内存大小。"),
    ("statement_timeout", "0", f"0-{INT_MAX}", "integer", False, PER_KIND,
     "Milliseconds after which a statement is ended; 0 turns it off.", "语句执行超时时间，单位毫秒。"),
    ("synchronous_commit", "on", "local,remote_receive,remote_write,remote_apply,on,off", "list", False, DN_ONLY,
     "What a commit waits for.", "当前事务的同步方式。"),
    ("temp_file_limit", "-1", f"-1-{INT_MAX}", "integer", False, DN_ONLY,
     "Temporary disk space of a session, in kB; -1 means no limit.", "会话使用的临时文件大小上限，单位kB。"),
    ("timezone", "UTC", "[A-Za-z][A-Za-z0-9/_+-]{0,62}", "string", False, EVERYWHERE,
     "Time zone in which times are shown.", "显示和解释时间类型数值时使用的时区。"),
    ("track_stmt_retention_time", "3600,604800", r"\d{1,10},\d{1,10}", "string", False, PER_KIND,
     "Seconds that full and slow SQL records are kept.", "Full SQL和Slow SQL数据的保留时间。"),
    ("track_stmt_stat_level", "OFF,L0", "(OFF|L0|L1|L2),(OFF|L0|L1|L2)", "string", False, PER_KIND,
     "How much is recorded of full and of slow SQL.", "控制语句执行跟踪的级别。"),
    ("undo_retention_time", "900", "0-259200", "integer", False, DN_ONLY,
     "Seconds that old row versions are kept; flashback needs it.", "undo旧版本保留时间，单位秒。"),
    ("undo_zone_count", "0", "0-1048576", "integer", True, DN_ONLY,
     "How many undo zones may be allocated in memory.", "内存中可分配的undo zone数量。"),
    ("update_lockwait_timeout", "120000", f"0-{INT_MAX}", "integer", False, PER_KIND,
     "Longest wait of concurrent updates for one row, in milliseconds.",
     "并发更新同一行时单个锁的最长等待时间，单位毫秒。"),
    ("vacuum_cost_limit", "1000", "1-10000", "integer", False, DN_ONLY,
     "Cost after which a clean-up pauses.", "清理线程休眠的开销限制。"),
    ("wal_keep_segments", "128", f"2-{INT_MAX}", "integer", False, DN_ONLY,
     "How many log segments are kept at least.", "系统保留的事务日志文件最小数目。"),
    ("wal_level", "logical", "minimal,archive,hot_standby,logical", "list", True, DN_ONLY,
     "How much is written to the log.", "写入WAL信息量的级别。"),
    ("work_mem", "65536", f"64-{INT_MAX}", "integer", False, PER_KIND,
     "Memory of a sort or hash before it goes to disk, in kB.", "内部排序和哈希表使用的内存大小，单位kB。"),
)


def _names(name: str, scope: str, distributed: bool) -> Iterator[str]:
    if not distributed or scope == EVERYWHERE:
        yield name
        return
    if scope == PER_KIND:
        yield f"cn:{name}"
    yield f"dn:{name}"


@cache
def template(distributed: bool) -> dict[str, Parameter]:
    """All parameters of an instance by name; on a distributed one most exist per kind of node, as `cn:` and `dn:`."""
    entries = [
        Parameter(full, default, value_range, kind, restart, english, chinese)
        for name, default, value_range, kind, restart, scope, english, chinese in _ROWS
        for full in _names(name, scope, distributed)
    ]
    return {p.name: p for p in sorted(entries, key=lambda p: p.name)}
