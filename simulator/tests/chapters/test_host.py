# SPDX-License-Identifier: GPL-3.0-or-later
"""4.9.1 to 4.9.8 hosts."""

from __future__ import annotations

import pytest

from tpops_simulator.model import xlsx

URL = "/gaussdb/v3/hosts"
PASSWORD = "Host-Root-1"


@pytest.fixture
def site(fresh):
    """A client of a site with one data center and one key pair, and the IDs of both."""
    client = fresh()
    load(client, {"data_centers": [{"id": "dc1", "name": "east"}], "key_pairs": [{"id": "key1", "name": "k"}]})
    return client


def load(client, estate):
    reply = client.raw("POST", "/_simulator/estate", json=estate)
    assert reply.status_code == 200, reply.text


def host(number, **changes):
    ip = {"manage_ip": f"192.0.2.{number}", "data_ip": f"198.51.100.{number}", "virtual_ip": f"203.0.113.{number}"}
    made = {
        "name": f"h{number}",
        "type": "BMS",
        "os_type": "Kylin",
        "cpu_spec": "Kunpeng",
        "storage_type": "localssd",
        "ip": ip,
        "ssh_port": 22,
        "os_root_pwd": PASSWORD,
        "data_center_id": "dc1",
    }
    return {k: v for k, v in {**made, **changes}.items() if v is not None}


def code(reply):
    assert reply.status_code == 400, reply.text
    return reply.json()["error_code"]


def add(client, *hosts):
    reply = client.post(URL, json={"hosts": list(hosts)})
    assert reply.status_code == 202, reply.text
    return reply.json()


def test_hosts_become_ready(site):
    accepted = add(site, host(1), host(2, os_root_pwd=None, ssh_key_id="key1"))
    assert [h["manage_ip"] for h in accepted["hosts"]] == ["192.0.2.1", "192.0.2.2"]
    shown = site.get(URL).json()["hosts"]
    assert {h["status"] for h in shown} == {"initializing"}
    assert {h["job_id"] for h in shown} == {accepted["job_id"]}
    host_id = shown[0]["id"]
    assert site.get(f"{URL}/{host_id}/detection-results").json()["total_count"] == 0
    site.advance(200)
    assert site.job(accepted["job_id"])["status"] == "Completed"
    first = site.get(URL, params={"id": host_id}).json()["hosts"][0]
    assert first["status"] == "initialized"
    assert first["os"] == {"os_type": "kylin", "os_version": "V200R010", "os_arch": "arm"}
    assert first["ip"]["manage_ip"] == "192.0.2.1"
    assert (first["data_center"], first["data_center_id"]) == ("east", "dc1")
    assert first["created_at"] == "2026-01-01T00:00:00+0000" < first["updated_at"]
    assert (first["instance_id"], first["async_task_error"]) == (None, None)
    assert PASSWORD not in site.raw("GET", "/_simulator/requests").text
    results = site.get(f"{URL}/{host_id}/detection-results", params={"limit": 3, "sort_key": "result"}).json()
    assert results["total_count"] > 3 == len(results["detection_results"])


def test_filters_and_paging(site):
    add(site, *[host(n) for n in range(1, 13)])
    page = site.get(URL).json()
    assert (page["total_count"], len(page["hosts"])) == (12, 10)
    assert site.get(URL, params={"status": "in_use"}).json()["total_count"] == 0
    assert site.get(URL, params={"name": "h1"}).json()["total_count"] == 4
    assert site.get(URL, params={"type": "BMS", "data_center_id": "dc1"}).json()["total_count"] == 12
    found = site.get(URL, params={"sort_key": "name", "sort_order": "desc", "limit": 1}).json()["hosts"]
    assert found[0]["name"] == "h9"
    assert site.get(URL, params={"status": "nonsense"}).status_code == 400
    assert site.get(URL, params={"limit": 0}).status_code == 400


REFUSED = [
    ({"data_center_id": "no"}, "DBS.06025058"),
    ({"ssh_key_id": "no"}, "DBS.200044"),
    ({"os_root_pwd": None}, "DBS.200001"),
    ({"ssh_port": 8002}, "DBS.06025026"),
    ({"ssh_port": 0}, "DBS.06025026"),
    ({"name": "n" * 65}, "DBS.06025024"),
    ({"description": "d" * 101}, "DBS.06025025"),
    ({"cpu_spec": "other"}, "DBS.200001"),
    ({"ip": {"manage_ip": "192.0.2.256", "data_ip": "1.1.1.1", "virtual_ip": "1.1.1.1"}}, "DBS.200001"),
    ({"ip": {"manage_ip": "192.0.2.1"}}, "DBS.200001"),
]


def test_refused_hosts(site):
    for changes, expected in REFUSED:
        assert (changes, code(site.post(URL, json={"hosts": [host(1, **changes)]}))) == (changes, expected)
    assert site.get(URL).json()["total_count"] == 0


def test_duplicates_and_batch_size(site):
    assert code(site.post(URL, json={"hosts": [host(1), host(1)]})) == "DBS.06025027"
    assert code(site.post(URL, json={"hosts": [host(n) for n in range(1, 52)]})) == "DBS.200001"
    add(site, *[host(n) for n in range(1, 51)])
    assert code(site.post(URL, json={"hosts": [host(60), host(1)]})) == "DBS.06025027"
    assert site.get(URL).json()["total_count"] == 50


def test_unreachable_host_fails_alone(site):
    load(site, {"unreachable": {"192.0.2.2": "ssh"}})
    accepted = add(site, host(1), host(2))
    site.advance(200)
    job = site.job(accepted["job_id"])
    assert job["status"] == "Failed" and "192.0.2.2" in job["fail_reason"]
    shown = {h["name"]: h for h in site.get(URL).json()["hosts"]}
    assert shown["h1"]["status"] == "initialized"
    assert shown["h2"]["status"] == "initialize_failed"
    assert shown["h2"]["async_task_error"]["error_code"] == "DBS.06025063"
    body = {"hosts": [{"manage_ip": "192.0.2.2", "ssh_port": 22}]}
    assert site.delete(URL, json=body).status_code == 202
    site.advance(100)
    assert site.get(URL).json()["total_count"] == 1


def test_sandbox_directory_must_be_empty(site):
    load(site, {"unreachable": {"192.0.2.1": "chroot", "192.0.2.2": "chroot", "192.0.2.3": "nic"}})
    add(site, host(1), host(2, is_force_rm_chroot_dir=True), host(3, is_force_rm_chroot_dir=True))
    site.advance(200)
    shown = {h["name"]: h for h in site.get(URL).json()["hosts"]}
    assert shown["h2"]["status"] == "initialized"
    codes = {name: (h["async_task_error"] or {}).get("error_code") for name, h in shown.items()}
    assert codes == {"h1": "DBS.06025061", "h2": None, "h3": "DBS.06025043"}
    found = site.get(f"{URL}/{shown['h1']['id']}/detection-results").json()["detection_results"]
    assert [d["name"] for d in found if d["result"] == "unpassed"] == ["Chroot"]
    chinese = {"headers": {"X-Language": "zh-cn"}}
    assert "主机" in site.get(URL, params={"name": "h1"}, **chinese).json()["hosts"][0]["async_task_error"]["error_msg"]
    found = site.get(f"{URL}/{shown['h1']['id']}/detection-results", **chinese).json()["detection_results"]
    assert found[0]["description"] == "CPU核数"
    site.delete(URL, json={"hosts": [{"manage_ip": "192.0.2.1", "ssh_port": 22}]})
    site.advance(100)
    accepted = add(site, host(1, is_force_rm_chroot_dir=True))
    site.advance(200)
    assert site.job(accepted["job_id"])["status"] == "Completed"


def test_injected_failure_hits_every_host(site):
    site.raw("POST", "/_simulator/faults", json={"kind": "job_fail", "operation_id": "add_hosts", "count": 1})
    accepted = add(site, host(1), host(2))
    site.advance(200)
    assert site.job(accepted["job_id"])["status"] == "Failed"
    shown = site.get(URL).json()["hosts"]
    assert {h["status"] for h in shown} == {"initialize_failed"}
    assert {h["async_task_error"]["error_code"] for h in shown} == {"DBS.06025044"}


def test_modify(site):
    add(site, host(1), host(2))
    assert code(site.put(URL, json={"hosts": [{"manage_ip": "192.0.2.1", "name": "x"}]})) == "DBS.06025028"
    site.advance(200)
    change = {"manage_ip": "192.0.2.1", "name": "x", "description": "spare", "data_ip": "198.51.100.99"}
    reply = site.put(URL, json={"hosts": [{**change, "ssh_key_id": "key1"}]})
    assert reply.status_code == 200 and reply.json()["hosts"][0]["manage_ip"] == "192.0.2.1"
    shown = site.get(URL, params={"name": "x"}).json()["hosts"][0]
    assert (shown["description"], shown["ip"]["data_ip"], shown["ssh_key_id"]) == ("spare", "198.51.100.99", "key1")
    site.put(URL, json={"hosts": [{"manage_ip": "192.0.2.1", "description": ""}]})
    assert site.get(URL, params={"name": "x"}).json()["hosts"][0]["description"] == ""
    bad = [{"manage_ip": "192.0.2.2", "name": "y"}, {"manage_ip": "192.0.2.9", "name": "z"}]
    assert code(site.put(URL, json={"hosts": bad})) == "DBS.06025031"
    assert site.get(URL, params={"name": "y"}).json()["total_count"] == 0
    site.site.hosts[shown["id"]].status = "unmanaged"
    assert code(site.put(URL, json={"hosts": [{"manage_ip": "192.0.2.1", "data_ip": "1.2.3.4"}]})) == "DBS.06025028"
    assert site.put(URL, json={"hosts": [{"manage_ip": "192.0.2.1", "name": "w"}]}).status_code == 200


def test_delete(site):
    add(site, host(1), host(2, os_root_pwd=None, ssh_key_id="key1"))
    one = {"manage_ip": "192.0.2.1", "ssh_port": 22, "os_root_pwd": PASSWORD}
    two = {"manage_ip": "192.0.2.2", "ssh_port": 22}
    assert code(site.delete(URL, json={"hosts": [one]})) == "DBS.06025029"
    site.advance(200)
    assert code(site.delete(URL, json={"hosts": [{**one, "os_root_pwd": None}]})) == "DBS.200001"
    assert code(site.delete(URL, json={"hosts": [one, one]})) == "DBS.200001"
    assert code(site.delete(URL, json={"hosts": [{**one, "manage_ip": "192.0.2.3"}]})) == "DBS.06025031"
    job_id = site.delete(URL, json={"hosts": [one, two]}).json()["job_id"]
    assert {h["status"] for h in site.get(URL).json()["hosts"]} == {"deleting"}
    site.advance(100)
    assert site.job(job_id)["status"] == "Completed"
    assert site.get(URL).json()["total_count"] == 0


def test_host_that_became_unreachable(site):
    add(site, host(1))
    site.advance(200)
    load(site, {"unreachable": ["192.0.2.1"]})
    item = {"manage_ip": "192.0.2.1", "ssh_port": 22, "os_root_pwd": PASSWORD}
    site.delete(URL, json={"hosts": [item]})
    site.advance(100)
    shown = site.get(URL).json()["hosts"][0]
    assert (shown["status"], shown["async_task_error"]["error_code"]) == ("delete_failed", "DBS.06025062")
    load(site, {"unreachable": {"192.0.2.1": None}})
    site.delete(URL, json={"hosts": [item]})
    site.advance(100)
    assert site.get(URL).json()["total_count"] == 0


def test_specifications(site):
    shown = site.get(f"{URL}/specifications").json()
    assert shown["types"] == ["BMS"] and "hygon" in shown["cpu_specs"]


def sheet_rows(site):
    template = site.get(f"{URL}/template-file")
    assert template.headers["Content-Disposition"].endswith('.xlsx"')
    ((number, heading),) = xlsx.read(template.content)
    assert number == 1
    return [heading[i] for i in range(len(heading))]


def row(heading, **values):
    filled = {
        "name": "h1",
        "type": "BMS",
        "os_type": "kylin",
        "cpu_spec": "intel",
        "storage_type": "localssd",
        "manage_ip": "192.0.2.1",
        "data_ip": "198.51.100.1",
        "virtual_ip": "203.0.113.1",
        "ssh_port": "22",
        "ssh_key_id": "key1",
        "data_center_id": "east",
        **values,
    }
    return [filled.get(name, "") for name in heading]


def test_import_file(site):
    heading = sheet_rows(site)
    content = xlsx.write([heading, row(heading), row(heading, name="h2", manage_ip="192.0.2.2")])
    reply = site.post(f"{URL}/file-verification", json={"file": content.hex()})
    assert reply.status_code == 200, reply.text
    assert reply.json()["total_count"] == 2
    assert reply.json()["hosts"][0]["data_center_id"] == "dc1"
    assert site.post(URL, json={"hosts": reply.json()["hosts"]}).status_code == 202


def test_wrong_import_file(site):
    heading = sheet_rows(site)
    wrong = row(heading, manage_ip="100.1", ssh_port="8002", os_root_pwd="Secret-1", cpu_spec="z80")
    content = xlsx.write([heading, row(heading), wrong])
    reply = site.post(f"{URL}/file-verification", json={"file": content.hex()})
    assert reply.status_code == 400
    assert reply.json()["fail_count"] == 1
    (text,) = reply.json()["fail_hosts"]
    assert '"manage_ip(value:100.1) in F3"' in text and "ssh_port(value:8002) in I3" in text and "Secret" not in text
    for file in ("zz", "00ff", xlsx.write([["a"]]).hex(), xlsx.write([heading]).hex()):
        assert code(site.post(f"{URL}/file-verification", json={"file": file})) == "DBS.200001"
