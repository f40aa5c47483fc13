# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be inspected: a catalogue of our own in both languages. The reference shows four items, five categories."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

# Fixed for all sites and seeds, so that they can be written into examples.
_SPACE = uuid.uuid5(uuid.NAMESPACE_URL, "tpops-simulator:inspection-items")

# key: (English, Chinese)
CATEGORIES = {
    "diagnosis": ("Diagnosis and optimization", "诊断优化"),
    "status": ("Instance status", "实例状态"),
    "resources": ("Database resources", "数据库资源"),
    "performance": ("Database performance", "数据库性能"),
    "system": ("System resources", "系统资源"),
}


@dataclass(frozen=True)
class Item:
    """One item. A value above `limit` (below it with `least`) does not pass; without a limit it is only recorded.

    `usual` is the range of values of a sound instance. An item of the database needs a database that runs.
    """

    key: str
    category: str
    names: tuple[str, str]
    descriptions: tuple[str, str]
    unit: str
    usual: tuple[float, float]
    limit: float | None = None
    least: bool = False

    @property
    def id(self) -> str:
        return str(uuid.uuid5(_SPACE, self.key))

    @property
    def needs_database(self) -> bool:
        return self.category not in ("system", "status")

    def passes(self, value: float) -> bool:
        if self.limit is None:
            return True
        return value >= self.limit if self.least else value <= self.limit


_ITEMS = (
    Item(
        "cpu_usage",
        "system",
        ("CPU usage", "CPU使用率"),
        ("Checks the CPU usage of each node.", "检查各节点的CPU使用率。"),
        "%",
        (4, 55),
        80,
    ),
    Item(
        "memory_usage",
        "system",
        ("Memory usage", "内存使用率"),
        ("Checks the memory usage of each node.", "检查各节点的内存使用率。"),
        "%",
        (25, 70),
        85,
    ),
    Item(
        "disk_usage",
        "system",
        ("Data disk usage", "数据盘使用率"),
        ("Checks how full the data disks of each node are.", "检查各节点数据盘的使用率。"),
        "%",
        (15, 65),
        80,
    ),
    Item(
        "disk_latency",
        "system",
        ("Disk latency", "磁盘时延"),
        ("Checks how long the disks of each node take to write.", "检查各节点磁盘的写时延。"),
        "ms",
        (0.2, 6),
        20,
    ),
    Item(
        "network_errors",
        "system",
        ("Network errors", "网络错包"),
        ("Checks the error packets of each node.", "检查各节点的网络错包数。"),
        "count",
        (0, 0),
        0,
    ),
    Item(
        "node_status",
        "status",
        ("Node status", "节点状态"),
        ("Checks that all nodes work.", "检查各节点是否正常。"),
        "",
        (0, 0),
        0,
    ),
    Item(
        "component_status",
        "status",
        ("Component status", "组件状态"),
        ("Checks that all components work.", "检查各组件是否正常。"),
        "",
        (0, 0),
        0,
    ),
    Item(
        "db_size",
        "resources",
        ("Database size", "数据库大小"),
        ("Records the size of the databases.", "记录各数据库的大小。"),
        "GB",
        (1, 400),
    ),
    Item(
        "connection_usage",
        "resources",
        ("Connection usage", "连接使用率"),
        ("Checks how many of the possible connections are used.", "检查连接数的使用率。"),
        "%",
        (3, 40),
        80,
    ),
    Item(
        "thread_pool_usage",
        "resources",
        ("Thread pool usage", "线程池使用率"),
        ("Checks how much of the thread pool is used.", "检查线程池的使用率。"),
        "%",
        (3, 45),
        80,
    ),
    Item(
        "long_transaction",
        "performance",
        ("Long transactions", "长事务"),
        ("Looks for transactions that have run for more than 12 hours.", "查找运行超过12小时的事务。"),
        "h",
        (0, 2),
        12,
    ),
    Item(
        "lock_wait",
        "performance",
        ("Lock waits", "锁等待"),
        ("Looks for sessions that wait for a lock.", "查找等待锁的会话。"),
        "count",
        (0, 3),
        10,
    ),
    Item(
        "buffer_hit_ratio",
        "performance",
        ("Buffer hit ratio", "缓存命中率"),
        ("Checks that most pages are found in memory.", "检查页面的缓存命中率。"),
        "%",
        (96, 99.9),
        90,
        least=True,
    ),
    Item(
        "slow_sql",
        "diagnosis",
        ("Slow statements", "慢SQL"),
        ("Counts the slow statements of the last day.", "统计最近一天的慢SQL。"),
        "count",
        (0, 60),
        50,
    ),
    Item(
        "unused_index",
        "diagnosis",
        ("Unused indexes", "未使用的索引"),
        ("Counts the indexes that no statement uses.", "统计未被使用的索引。"),
        "count",
        (0, 8),
        20,
    ),
    Item(
        "stale_statistics",
        "diagnosis",
        ("Stale statistics", "过期的统计信息"),
        ("Counts the tables that have not been analyzed for long.", "统计长期未分析的表。"),
        "count",
        (0, 6),
        10,
    ),
)

ITEMS = {item.key: item for item in _ITEMS}
BY_ID = {item.id: item for item in _ITEMS}
