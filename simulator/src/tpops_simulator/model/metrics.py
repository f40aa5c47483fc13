# SPDX-License-Identifier: GPL-3.0-or-later
"""The metrics of appendix A.4: name, unit, and what their values look like.

The appendix lists names; units are shown for one group only, the others are the simulator's. Two loads of the CPU
(5 and 15 minutes) have no name there and are left out.
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass

HOST, DN, CN, GTM, ETCD, CM, CMA, INSTANCE, DR = "host", "DN", "CN", "GTM", "ETCD", "CM", "CMA", "instance", "dr"
# Where applications work: coordinators of a distributed instance, data nodes of a centralized one.
WORK = "work"
DAY_MS = 86_400_000


@dataclass(frozen=True)
class Metric:
    """One metric. Its values lie between `low` and `high` and follow the day; equal bounds make a constant.

    With `base` they are `offset + factor * base`, so that shares of a whole add up. `scope` says what has the metric.
    """

    name: str
    unit: str
    scope: str
    low: float = 0.0
    high: float = 0.0
    base: str | None = None
    factor: float = 1.0
    offset: float = 0.0

    @property
    def measured(self) -> str:
        """The name of the metric that is measured, where this one follows from another."""
        return self.base or self.name

    def value(self, key: str, moment: int, known: float | None = None) -> float:
        """The value of one dimension at a moment (epoch milliseconds); always the same for the same arguments.

        `known` is what was measured where the state of the site tells it.
        """
        if self.base is not None:
            whole = METRICS[self.base].value(key, moment) if known is None else known
            return round(self.offset + self.factor * whole, 2)
        if known is not None:
            return known
        if self.low == self.high:
            return self.low
        seed = zlib.crc32(f"{self.name}:{key}".encode())
        wave = math.sin(2 * math.pi * ((moment / DAY_MS) + (seed % 97) / 97))
        noise = _hash(seed, moment // 1000) / 0xFFFFFFFF
        share = 0.5 + 0.3 * wave + 0.4 * (noise - 0.5)
        value = self.low + (self.high - self.low) * min(max(share, 0.0), 1.0)
        return float(round(value)) if self.unit == "Count" and self.high > 1 else round(value, 2)


def _hash(seed: int, number: int) -> int:
    mixed = (seed ^ (number * 0x9E3779B1)) & 0xFFFFFFFF
    mixed = ((mixed ^ (mixed >> 16)) * 0x85EBCA6B) & 0xFFFFFFFF
    return mixed ^ (mixed >> 13)


def _m(name: str, unit: str, scope: str, low: float = 0.0, high: float = 0.0) -> Metric:
    return Metric(name, unit, scope, low, high)


def _of(name: str, unit: str, scope: str, base: str, factor: float, offset: float = 0.0) -> Metric:
    return Metric(name, unit, scope, base=base, factor=factor, offset=offset)


CPU, MEMORY, SESSIONS = "sys001_cpu_usage", "sys010_mem_usage", "rds143_gaussv5_online_session"
COMMITS = "rds092_gaussv5_commit_counter"
RPO, RTO = "rds176_streaming_dr_rpo", "rds177_streaming_dr_rto"
DISK, DYNAMIC, PROCESS = "sys065_disk_usage", "rds114_dynamic_used_memory_usage", "rds111_process_used_memory_usage"

GROUPS: dict[str, tuple[Metric, ...]] = {
    "CPUMEMORY": (
        _m(CPU, "%", HOST, 3, 60),
        _m(MEMORY, "%", HOST, 25, 70),
        _of("cpu_sys_usage", "%", HOST, CPU, 0.25),
        _of("cpu_user_usage", "%", HOST, CPU, 0.7),
        _of("sys002_idle_usage", "%", HOST, CPU, -1, 100),
        _of("sys016_cpu_load", "Count", HOST, CPU, 0.2),
        _of("mem_used_size", "GB", HOST, MEMORY, 5.12),
        _m("buffer_size", "GB", HOST, 0.5, 2),
        _m("cache_size", "GB", HOST, 40, 120),
        _of("sys013_mem_free_size", "GB", HOST, MEMORY, -5.12, 512),
        _m("sys024_swap_total_size", "MB", HOST, 16384, 16384),
        _m("sys026_swap_used_size", "MB", HOST, 0, 200),
        _of("sys025_swap_used_ratio", "%", HOST, "sys026_swap_used_size", 100 / 16384),
        _of("cpu_wait_usage", "%", HOST, CPU, 0.05),
    ),
    "IOSTORAGE": (
        _m("sys072_disk_read_throughput", "KB/s", HOST, 100, 40000),
        _m("sys071_disk_write_throughput", "KB/s", HOST, 500, 90000),
        _m("sys081_svctm", "ms", HOST, 0.1, 2),
        _m("sys064_disk_total_size", "GB", HOST, 3200, 3200),
        _of("sys063_disk_used_size", "GB", HOST, DISK, 32),
        _m(DISK, "%", HOST, 20, 45),
        _m("sys069_iops", "Count/s", HOST, 50, 4000),
        _m("sys075_avg_disk_ms_per_write", "ms", HOST, 0.1, 5),
        _m("sys076_avg_disk_ms_per_read", "ms", HOST, 0.1, 4),
        _m("nas_usage", "%", HOST, 10, 50),
        _m("sys014_signal_num", "Count", HOST, 10, 200),
        _m("rds122_gaussv5_fd_leak_num", "Count", HOST),
        _m("sys041_sys_disk_usage", "%", HOST, 15, 40),
        _m("sys023_file_handler_num", "%", HOST, 1, 8),
    ),
    "NETWORK": (
        _m("sys011_bytes_in", "KB/s", HOST, 200, 60000),
        _m("sys012_bytes_out", "KB/s", HOST, 200, 80000),
        _m("rx_errors", "Count", HOST),
        _m("rx_dropped", "Count", HOST),
        _m("tx_errors", "Count", HOST),
        _m("tx_dropped", "Count", HOST),
    ),
    "CONNECTION": (
        _m("rds081_gaussv5_login_counter", "Count/s", WORK, 0, 5),
        _m("rds082_gaussv5_logout_counter", "Count/s", WORK, 0, 5),
        _m(SESSIONS, "Count", WORK, 10, 220),
        _of("rds117_gaussv5_active_session", "Count", WORK, SESSIONS, 0.3),
        _of("rds118_gaussv5_wait_session", "Count", WORK, SESSIONS, 0.02),
        _m("rds086_gaussv5_active_ratio", "%", WORK, 30, 30),
        _m("rds085_gaussv5_wait_ratio", "%", WORK, 2, 2),
        _of("rds195_gaussv5_locks_session", "Count", WORK, SESSIONS, 0.01),
        _m("rds196_gaussv5_locks_ratio", "%", WORK, 1, 1),
        _m("rds089_gaussv5_inuse_counter", "Count", CN, 5, 150),
        _of("rds144_online_ratio", "%", WORK, SESSIONS, 0.05),
    ),
    "TRANSACTION": (
        _m("rds190_long_running_transaction_exectime", "s", WORK, 0, 600),
        _m(COMMITS, "Count/s", WORK, 20, 1500),
        _of("rds093_gaussv5_rollback_counter", "Count/s", WORK, COMMITS, 0.01),
        _of("rds400_gaussv5_total_counter", "Count/s", WORK, COMMITS, 1.01),
        _m("rds401_gaussv5_commit_ratio", "%", WORK, 99.01, 99.01),
        _m("rds097_gaussv5_rollback_ratio", "%", WORK, 0.99, 0.99),
        _of("rds402_gaussv5_ddl_dml_dcl_count", "Count/s", WORK, COMMITS, 3),
        _m("rds103_gaussv5_P80", "us", WORK, 200, 3000),
        _of("rds104_gaussv5_P95", "us", WORK, "rds103_gaussv5_P80", 4),
        _m("rds094_gaussv5_bg_commit_counter", "Count/s", WORK, 1, 20),
        _m("rds095_gaussv5_bg_rollback_counter", "Count/s", WORK),
        _m("rds098_gaussv5_bg_rollback_ratio", "%", WORK),
        _of("rds096_gaussv5_resp_avg", "us", WORK, "rds103_gaussv5_P80", 1.2),
        _m("rds099_gaussv5_ddl_count", "Count/s", WORK, 0, 0.1),
        _of("rds100_gaussv5_dml_count", "Count/s", WORK, COMMITS, 2.9),
        _m("rds101_gaussv5_dcl_count", "Count/s", WORK, 0, 0.1),
        _m("rds102_gaussv5_ddl_dcl_ratio", "%", WORK, 0, 0.1),
        _of("rds403_gaussv5_insert_sql_count", "Count/s", WORK, COMMITS, 0.6),
        _of("rds405_gaussv5_delete_sql_count", "Count/s", WORK, COMMITS, 0.1),
        _of("rds406_gaussv5_update_sql_count", "Count/s", WORK, COMMITS, 0.4),
        _of("rds404_gaussv5_select_sql_count", "Count/s", WORK, COMMITS, 1.8),
        _m("rds129_select_distribution", "%", WORK, 62, 62),
        _m("rds130_update_distribution", "%", WORK, 14, 14),
        _m("rds131_insert_distribution", "%", WORK, 21, 21),
        _m("rds132_delete_distribution", "%", WORK, 3, 3),
        _m("rds145_gaussdbv5_statement", "Count", WORK, 500, 4000),
    ),
    "LOCK": (
        _m("rds091_gaussv5_deadlocks", "Count", WORK),
        _m("rds408_gaussv5_relation_locks_count", "Count", WORK, 5, 200),
        _of("rds409_gaussv5_tuple_locks_count", "Count", WORK, "rds408_gaussv5_relation_locks_count", 0.2),
        _of("rds410_gaussv5_other_locks_count", "Count", WORK, "rds408_gaussv5_relation_locks_count", 0.3),
        _of("rds407_gaussv5_total_locks_count", "Count", WORK, "rds408_gaussv5_relation_locks_count", 1.5),
    ),
    "SYNCSTAT": (
        _m("rds079_gaussv5_current_sleep_time", "us", DN),
        _m("rds080_gaussv5_current_rto", "s", DN, 0, 1),
        _m("rds083_gaussv5_standby_delay", "Byte", DN, 0, 100000),
        _m("rds105_gaussv5_ckpt_delay", "Byte", DN, 0, 50000000),
        _m("rds125_dirty_page_num", "Count", DN, 0, 40000),
        _m("rds124_candidate_slots_num", "Count", DN, 100000, 300000),
        _m("rds192_replication_slot_wal_log_size", "MB", DN, 16, 2048),
        _m("rds123_xlog_lsn", "KB/s", DN, 50, 20000),
    ),
    "PROCESSRESOURCE": (
        _m("rds108_gaussdbv5_thread_pool", "%", WORK, 2, 45),
        _m("rds112_max_dynamic_memory", "MB", WORK, 102400, 102400),
        _of("rds113_dynamic_used_memory", "MB", WORK, DYNAMIC, 1024),
        _m(DYNAMIC, "%", WORK, 5, 50),
        _m("rds126_xlog_num", "Count", DN, 60, 400),
        _m("rds116_shared_used_memory", "MB", WORK, 40000, 90000),
        _m("rds109_max_process_memory", "MB", WORK, 307200, 307200),
        _of("rds110_process_used_memory", "MB", WORK, PROCESS, 3072),
        _m(PROCESS, "%", WORK, 20, 55),
        _m("rds115_other_used_memory", "MB", WORK, 200, 3000),
        _m("rds106_gaussv5_phyrds", "Count/s", WORK, 0, 800),
        _m("rds107_gaussv5_phywrts", "Count/s", WORK, 0, 1200),
        _m("rds411_gaussv5_blks_read_counter", "Count/s", WORK, 0, 900),
        _m("rds412_gaussv5_blks_hit_counter", "Count/s", WORK, 5000, 90000),
        _m("rds090_gaussv5_buffer_hit_ratio", "%", WORK, 96, 99.9),
        _m("rds127_sys_database_size", "GB", WORK, 0.5, 0.5),
        _m("rds128_user_database_size", "GB", WORK, 40, 42),
        _m("rds184_bad_block_num", "Count", DN),
        _m("rds170_undo_size", "Count", DN, 0, 5000),
        _m("rds171_undo_rate", "Count/s", DN, 0, 40),
    ),
    "INSTATUS": (
        _m("gaussdb_instance_status", "Count", INSTANCE, 1, 1),
        _m("datanode_switch_status", "Count", DN, 1, 1),
        _m("rds133_cn_startup_time", "s", CN),
        _m("rds134_dn_startup_time", "s", DN),
        _m("rds135_gtm_startup_time", "s", GTM),
        _m("rds136_cms_startup_time", "s", CM),
        _m("rds137_etcd_startup_time", "s", ETCD),
        _m("rds138_cma_startup_time", "s", CMA),
        _m("rds139_gtm_process_mem_usage", "%", GTM, 0.1, 1),
        _m("rds140_etcd_process_mem_usage", "%", ETCD, 0.05, 0.5),
        _m("rds141_cms_process_mem_usage", "%", CM, 0.05, 0.4),
        _m("rds142_cma_process_mem_usage", "%", CMA, 0.05, 0.4),
        _m("rds119_cn_temp_dir_size", "MB", CN, 0, 200),
        _m("rds120_dn_temp_dir_size", "MB", DN, 0, 500),
        _m("rds121_etcd_data_dir_size", "MB", ETCD, 10, 80),
        _m("rds148_gaussdbv5_error_om", "Count", HOST),
        _m("rds149_gaussdbv5_error_cm", "Count", HOST),
        _m("rds150_gaussdbv5_error_kernel", "Count", HOST),
        _m("rds150_om_agent_process", "Count", HOST, 1, 1),
        _m("rds151_om_monitor_process", "Count", HOST, 1, 1),
    ),
    "AGENTSTATUS": (
        _m("rds075_dbmanager_process_code", "Count", HOST, 1, 1),
        _m("rds076_watchdog_process_code", "Count", HOST, 1, 1),
        _m("rds077_agentmonitor_process_code", "Count", HOST, 1, 1),
    ),
    "FORDR": (
        _m("rds172_streaming_dr_xlog_gap", "Byte", DR, 0, 4096),
        _m("rds175_streaming_dr_xlog_replay_rate", "KB/s", DR, 500, 20000),
        _m("rds173_streaming_dr_xlog_to_be_replayed", "Byte", DR, 0, 65536),
        _m("rds174_streaming_dr_xlog_flushing_rate", "KB/s", DR, 500, 20000),
        _m(RPO, "s", DR),
        _m(RTO, "s", DR),
    ),
}
METRICS: dict[str, Metric] = {metric.name: metric for group in GROUPS.values() for metric in group}
