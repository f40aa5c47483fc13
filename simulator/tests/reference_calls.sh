#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The request examples of the reference, section by section, as plain curl calls. IDs, addresses, names, passwords and
# times are those of reference_calls.yml; misprints of the reference (a comma, a brace, a quotation mark, a line
# break in a path) are corrected. Every call must be accepted (2xx); otherwise the script ends with 1.
#
# Needs SITE and PEER (https://HOST:PORT of two linked sites with --step and --admin), CA (file), PASSWORD, and SHEET
# (a filled host template, its bytes in hexadecimal digits).
set -u

failed=0
count=0
reply=$(mktemp)
trap 'rm -f "$reply"' EXIT
TOKEN=

# send SECTION METHOD URL [BODY]: one call.
send() {
    section=$1 method=$2 url=$3
    shift 3
    if [ $# -gt 0 ]; then
        set -- --header 'Content-Type: application/json' --data "$1"
    fi
    status=$(curl --silent --show-error --cacert "$CA" --request "$method" --header "X-Mini-Token: $TOKEN" \
        --header 'X-Language: en-us' --output "$reply" --write-out '%{http_code}' "$@" "$url")
    count=$((count + 1))
    case $status in
    2??) echo "ok $section $method ${url#https://*/} $status" ;;
    *)
        failed=$((failed + 1))
        echo "FAILED $section $method ${url#https://*/} $status $(head -c 600 "$reply")"
        ;;
    esac
}

call() {
    section=$1 method=$2 path=$3
    shift 3
    send "$section" "$method" "$SITE/rds$path" "$@"
}

# found NAME: the first value of that name in the last reply.
found() {
    grep -o "\"$1\":\"*[^\",}]*" "$reply" | head -n 1 | sed 's/^[^:]*:"*//'
}

# later SECONDS: let simulated time pass, so that tasks end.
later() {
    curl --silent --show-error --fail --cacert "$CA" --request POST --output /dev/null \
        --data "{\"advance\": $1}" "$SITE/_simulator/clock" || failed=$((failed + 1))
}

# broken INSTANCE NODE: a node fails.
broken() {
    curl --silent --show-error --fail --cacert "$CA" --request POST --output /dev/null \
        --data "{\"node_failures\": [{\"instance\": \"$1\", \"node\": $2}]}" "$SITE/_simulator/estate" ||
        failed=$((failed + 1))
}

epoch() {
    now=$(curl --silent --cacert "$CA" "$SITE/_simulator/clock" | grep -o '"epoch":[0-9]*' | cut -d: -f2)
    echo $((now + $1))
}

# at OFFSET: the time that many seconds from now.
at() {
    date -u -d "@$(epoch "$1")" +%Y-%m-%dT%H:%M:%S+0000
}

# node INSTANCE NUMBER: the ID of a node.
node() {
    curl --silent --cacert "$CA" --header "X-Mini-Token: $TOKEN" \
        "$SITE/rds/gaussdb/v3/instances/$1/components?limit=100" | grep -o '"id":"[0-9a-f]*no14"' | cut -d'"' -f4 |
        awk '!seen[$0]++' | sed -n "${2}p"
}

token() {
    send 4.1.1 POST "$1/rds/v3/auth/mini-token" "{\"username\": \"admin\", \"password\": \"$PASSWORD\"}"
    TOKEN=$(found x_mini_token)
}

I=00000000000000000000000000000001in14
V3=/gaussdb/v3
ORDERS=$V3/instances/$I

token "$SITE"

# -- 4.2 backups ------------------------------------------------------------------------------------------------------
call 4.2.1 PUT "$ORDERS/backups/policy" '{
  "backup_policy": {"keep_days": 7, "start_time": "19:00-20:00", "period": "1,2,3,4,5", "differential_period": "30",
    "rate_limit": 75, "prefetch_block": 64, "file_split_size": 4, "enable_standby_backup": "false"}}'
call 4.2.7 POST $V3/backups "{\"instance_id\": \"$I\", \"name\": \"backup\", \"description\": \"mannual backup\"}"
later 5
call 4.2.2 POST "$ORDERS/backups/stop"
later 4000
call 4.2.4 PUT "$ORDERS/backups/config" '{
  "rate_limit": 76, "prefetch_block": 65, "enable_standby_backup": true, "close_compression ": true}'
call 4.2.5 GET "$ORDERS/backups/policy"
call 4.2.6 GET "$ORDERS/backups/config"
call 4.2.8 DELETE $V3/backups/00000000000000000000000000000002br14
call 4.2.9 GET "$V3/instance-snapshot?instance_id=$I&backup_id=00000000000000000000000000000001br14"
call 4.2.10 GET "$V3/restorable-instances?source_instance_id=$I&backup_id=00000000000000000000000000000001br14"
call 4.2.11 GET "$ORDERS/restore-time?date=2026-01-01"
call 4.2.12 GET "$ORDERS/differential-backups"
call 4.2.13 POST $V3/instances/recovery '{
  "source": {"instance_id": "00000000000000000000000000000002in14",
    "backup_id": "00000000000000000000000000000003br14", "type": "backup"},
  "target": {"instance_id": "00000000000000000000000000000002in14"}}'
later 4000
call 4.2.14 POST $V3/backups/00000000000000000000000000000002in14/confirm-restore-data
later 4000
call 4.2.15 GET "/gaussdb/v3.1/backups?instance_id=$I&offset=0&limit=10"
call 4.2.16 GET "$ORDERS/archive-log-path"
A=0000000000000000000000000000000bin14
call 4.2.3 PUT $V3/instances/$A/change-backup-media '{"type": "xbsa"}'
later 4000
call 4.2.19 POST $V3/instances/$A/backups/ssl-certs '{
  "ca_cert_pem": "Q2VydGlm", "client_crt": "Q2VydGlm", "client_key": "LS0tLQ==", "rand_pass": "VTEyMzQ1Njc4"}'
later 4000
call 4.2.17 POST $V3/backups/sync-metadata "{
  \"start_time\": \"$(epoch -90000)\", \"end_time\": \"$(epoch 0)\", \"media_type\": \"XBSA\",
  \"prepared_instance_id\": \"$A\", \"source_instance_id\": \"$I\"}"
later 4000
call 4.2.15 GET "/gaussdb/v3.1/backups?instance_id=$A&limit=100"
synced=$(grep -o '"id":"[0-9a-f]*br14"' "$reply" | head -n 1 | cut -d'"' -f4)
call 4.2.18 DELETE $V3/backups/batch-delete "{\"backup_ids\": [\"$synced\"], \"instance_id\": \"$A\"}"

# -- 4.3 parameters, 4.4 databases --------------------------------------------------------------------------------------
call 4.3.1 GET "/gaussdb/v3.1/instances/$I/configurations"
call 4.3.2 PUT "$ORDERS/configurations" '{"values": {"failed_login_attempts": "4"}}'
later 600
call 4.4.4 POST "$ORDERS/db-user" '{"name": "suntao", "password": "Gauss_2345"}'
call 4.4.4 POST "$ORDERS/db-user" '{"name": "zjqtest", "password": "Gauss_2345"}'
call 4.4.1 POST "$ORDERS/database" '{
  "name": "opengauss_test", "owner": "suntao", "template": "template0", "character_set": "UTF8", "lc_collate": "C",
  "lc_ctype": "C"}'
call 4.4.2 POST "$ORDERS/schema" '{
  "db_name": "opengauss_test", "schemas": [{"name": "rds", "owner": "teste123"}, {"name": "rds001", "owner": "teste123"}]}'
call 4.4.3 GET "$ORDERS/schemas?db_name=opengauss_test&offset=0&limit=10"
call 4.4.6 POST "$ORDERS/db-user/privileges" '{
  "privileges": [{"name": "einstein", "operation": "grant", "scope": "table_column", "privilege": "REFERENCES",
    "table_name": "name_list", "schema_name": "famous_figures", "database_name": "articles", "column_name": "age"}]}'
call 4.4.7 POST "$ORDERS/db-user/attributes" '{
  "name": "zjqtest", "attributes": {"sysadmin_enabled": false, "createdb_enabled": true, "createrole_enabled": true,
    "auditadmin_enabled": true, "monadmin_enabled": false, "opradmin_enabled": true, "poladmin_enabled": true,
    "replication_enabled": false, "login_enabled": true}}'
call 4.4.8 PUT "$ORDERS/db-user/init-password" '{"metric_name": "rdsMetric", "metric_password": "Gauss_6789"}'
call 4.4.9 PUT "$ORDERS/db-user/password" '{"name": "zjqtest", "password": "Gauss_9876"}'
call 4.4.10 PUT "$ORDERS/db-user/lock" '{"name": "zjqtest"}'
call 4.4.11 PUT "$ORDERS/db-user/unlock" '{"name": "zjqtest"}'
call 4.4.5 DELETE "$ORDERS/db-user" '{"name": "zjqtest"}'
call 4.4.12 GET "$ORDERS/databases"
call 4.4.13 GET "$ORDERS/db-users"
call 4.4.14 GET "$ORDERS/database/relation-and-lock?name=articles"
call 4.4.15 POST "$ORDERS/db-table/flashback" '{
  "db_name": "articles", "schema_name": "famous_figures", "table_name": "test", "action": "back_drop",
  "flashback_time": "2026-01-01 00:04:12"}'
call 4.4.16 POST "$ORDERS/db-role" '{"name": "readwrite", "password": "Gauss_2345"}'
call 4.4.18 POST "/gaussdb/v3.1/instances/$I/db-user/privileges" '{
  "any_permissions": {"operation_type": "grant", "operations": [{"database_name": "articles", "name": "readwrite",
    "attributes": {"select_any_table_enabled": true}}]}}'
call 4.4.18 POST "/gaussdb/v3.1/instances/$I/db-user/privileges" '{
  "any_permissions": {"operation_type": "revoke", "operations": [{"database_name": "articles", "name": "readwrite",
    "attributes": {"select_any_table_enabled": true}}]}}'
call 4.4.17 DELETE "$ORDERS/db-role" '{"name": "readwrite"}'

# -- 4.5 diagnosis ------------------------------------------------------------------------------------------------------
later 3700
call 4.5.1 GET "$ORDERS/key-view-execute-node"
call 4.11.3 GET "$ORDERS/components?offset=0&limit=30&component_type=DN"
N=$(node $I 1)
call 4.5.2 POST "$ORDERS/real-time-session" "{\"node_id\": \"$N\", \"component_id\": \"dn_6001\"}"
session=$(grep -o '"session_id":"*[0-9]*' "$reply" | head -n 1 | grep -o '[0-9]*$')
call 4.5.2 POST "$ORDERS/real-time-session" "{
  \"node_id\": \"$N\", \"component_id\": \"dn_6001\",
  \"query_info\": {\"database_name\": \"articles\", \"client_ip\": \"192.0.2.1\", \"user_name\": \"einstein\"}}"
call 4.5.3 POST "$ORDERS/kill-session" "{
  \"node_id\": \"$N\", \"component_id\": \"dn_6001\", \"session_ids\": [\"${session:-281440561845168}\"]}"
call 4.5.4 POST "$ORDERS/kill-free-session" "{\"node_id\": \"$N\", \"component_id\": \"dn_6001\"}"
call 4.5.5 POST "$ORDERS/database-table-analysis" "{
  \"object_name\": \"tbl_test\", \"offset\": 0, \"limit\": 10, \"start_time\": $(epoch -3600)000,
  \"end_time\": $(epoch 0)000, \"order_by\": \"\"}"
call 4.5.6 POST "$ORDERS/database-index-analysis" "{
  \"object_name\": \"id_index\", \"offset\": 0, \"limit\": 10, \"start_time\": $(epoch -3600)000,
  \"end_time\": $(epoch 0)000, \"order_by\": \"\"}"
call 4.5.7 GET "$ORDERS/wdr-snapshot/status"
call 4.5.8 PUT "$ORDERS/wdr-snapshot/status" '{"status": "ON"}'
call 4.5.10 POST "$ORDERS/wdr-snapshots"
later 3700
call 4.5.10 POST "$ORDERS/wdr-snapshots"
later 60
call 4.5.9 GET "$ORDERS/wdr-snapshots"
call 4.5.11 POST "$ORDERS/wdr-snapshots/collect" "{
  \"start_time\": \"$(at -7200)\", \"end_time\": \"$(at 0)\", \"wdr_type\": [\"dn_6001\", \"dn_6002\"]}"
later 4000
call 4.5.11 POST "$ORDERS/wdr-snapshots/collect" "{
  \"start_time\": \"$(at -7200)\", \"end_time\": \"$(at 0)\", \"wdr_type\": [\"cluster\"]}"
job=$(found job_id)
later 4000
call 4.5.12 POST "$ORDERS/wdr-snapshots/download" "{\"job_id\": \"$job\"}"

# -- 4.6 intelligent operation, 4.7 throttling --------------------------------------------------------------------------
call 4.6.1 POST /v3/db-assist/manage-instance "{
  \"db_assist_id\": \"6997795f659840d595232225d9a70d2din20\",
  \"instance_ids\": [\"$I\", \"00000000000000000000000000000002in14\"], \"manage_type\": \"ENABLED\"}"
later 4000
call 4.6.2 GET "/v3/db-assist/manageable-instances?db_assist_id=6997795f659840d595232225d9a70d2din20&manage_type=ENABLED"
call 4.6.3 GET /v3/db-assist/instances
call 4.6.4 POST "$ORDERS/sql-patch" "{
  \"node_id\": \"$N\", \"sql_id\": \"28f61af50fc9452aa0ed5ea25c3cc3d3\", \"patch_name\": \"patch1\",
  \"hint\": \"indexscan(t1)\"}"
call 4.6.5 GET "$ORDERS/sql-patch" "{\"node_id\": \"$N\", \"sql_id\": \"28f61af50fc9452aa0ed5ea25c3cc3d3\"}"
for action in open close drop; do
    call 4.6.6 POST "$ORDERS/handle-sql-patch" "{
      \"node_id\": \"$N\", \"sql_id\": \"28f61af50fc9452aa0ed5ea25c3cc3d3\", \"patch_name\": \"patch1\",
      \"action\": \"$action\"}"
done
call 4.7.1 POST "$ORDERS/limit-task" "{
  \"task_scope\": \"SQL\", \"start_time\": \"$(at 60)\", \"end_time\": \"$(at 86460)\", \"limit_type\": \"SQL_ID\",
  \"limit_type_value\": \"39b6a1a\", \"task_name\": \"test1\", \"sql_model\": \"select * from a where b = ?\",
  \"parallel_size\": 100, \"databases\": \"articles\", \"node_infos\": [{\"node_id\": \"$N\", \"sql_id\": \"39b6a1a\"}]}"
call 4.7.1 POST "$ORDERS/limit-task" "{
  \"task_scope\": \"SQL\", \"start_time\": \"$(at 60)\", \"end_time\": \"$(at 86460)\", \"limit_type\": \"SQL_TYPE\",
  \"limit_type_value\": \"select\", \"task_name\": \"test2\", \"key_words\": \"table1,id\", \"parallel_size\": 100,
  \"databases\": \"articles\"}"
call 4.7.1 POST "$ORDERS/limit-task" "{
  \"task_name\": \"test\", \"task_scope\": \"SESSION\", \"start_time\": \"$(at 60)\", \"end_time\": \"$(at 86460)\",
  \"limit_type\": \"SESSION_ACTIVE_MAX_COUNT\", \"limit_type_value\": \"CPU_OR_MEMORY\", \"cpu_utilization\": 80,
  \"memory_utilization\": 80, \"parallel_size\": 100}"
call 4.7.3 GET "$ORDERS/limit-task-list?offset=1&limit=10&limit_type=SQL_ID"
call 4.7.3 GET "$ORDERS/limit-task-list?offset=1&limit=10&limit_type=SQL_ID&task_name=test"
call 4.7.3 GET "$ORDERS/limit-task-list?offset=0&limit=10&start_time=2026-01-01T00:00:00%2B0000&end_time=2026-01-18T08:41:51%2B0000"
later 120
call 4.7.2 DELETE "$ORDERS/limit-task/$(found task_id)"
call 4.7.4 GET "$ORDERS/list-node-limit-sql-model?node_id=$N"

# -- 4.8 key pairs, 4.9 hosts and data centers --------------------------------------------------------------------------
KEY=ff2e6f95-a93c-4c10-b020-000000000001
AZ1=59ec7944-757a-4429-b448-000000000001
call 4.8.1 POST $V3/hosts/key-pair '{"name": "ssh-123456", "description": "机房一", "key_algorithms": "RSA_3072"}'
call 4.8.2 GET $V3/hosts/key-pair
call 4.8.3 PUT $V3/hosts/key-pair "{\"id\": \"$KEY\", \"name\": \"ssh_key\", \"descirption\": \"机房2\"}"
call 4.8.5 GET "$V3/hosts/public-key?id=$KEY"
call 4.8.4 DELETE $V3/hosts/key-pair '{"id": "ff2e6f95-a93c-4c10-b020-000000000002", "forced": true}'
call 4.9.1 GET $V3/hosts
host() {
    printf '{"name": "%s", "type": "BMS", "os_type": "kylin", "cpu_spec": "intel", "storage_type": "localssd",
      "ip": {"manage_ip": "%s", "data_ip": "%s", "virtual_ip": "%s"}, "ssh_port": 22, "data_center_id": "%s", %s,
      "description": "%s", "is_force_rm_chroot_dir": false}' "$1" "$2" "$3" "$4" "$AZ1" "$5" "$1主机用于构建GaussDB数据库。"
}
root='"os_root_pwd": "Test_345612"'
key="\"ssh_key_id\": \"$KEY\""
call 4.9.2 POST $V3/hosts "{\"hosts\": [$(host test_hosts 198.51.100.11 192.168.0.2 192.168.1.3 "$root"),
  $(host test_hosts2 198.51.100.12 192.168.0.4 192.168.1.5 "$root")]}"
call 4.9.2 POST $V3/hosts "{\"hosts\": [$(host test_hosts3 198.51.100.13 192.168.0.6 192.168.1.7 "$root"),
  $(host test_hosts4 198.51.100.14 192.168.0.8 192.168.1.9 "$key")]}"
later 4000
call 4.9.1 GET "$V3/hosts?name=test_hosts2"
call 4.9.5 GET "$V3/hosts/$(grep -o '"id":"[0-9a-f-]*"' "$reply" | head -n 1 | cut -d'"' -f4)/detection-results"
call 4.9.3 PUT $V3/hosts '{"hosts": [{"manage_ip": "198.51.100.11", "data_ip": "192.168.0.22"}]}'
later 600
call 4.9.4 DELETE $V3/hosts '{"hosts": [{"manage_ip": "198.51.100.11", "ssh_port": 22, "os_root_pwd": "Test_345612"}]}'
call 4.9.4 DELETE $V3/hosts '{"hosts": [
  {"manage_ip": "198.51.100.12", "ssh_port": 22, "os_root_pwd": "Test_345612"},
  {"manage_ip": "198.51.100.13", "ssh_port": 22, "os_root_pwd": "Test_345612"}]}'
call 4.9.4 DELETE $V3/hosts "{\"hosts\": [{\"manage_ip\": \"198.51.100.14\", \"ssh_port\": 22, \"ssh_key_id\": \"$KEY\"}]}"
later 4000
call 4.9.6 GET $V3/hosts/template-file
call 4.9.7 POST $V3/hosts/file-verification "{\"file\": \"$SHEET\"}"
call 4.9.8 GET $V3/hosts/specifications
call 4.9.9 GET $V3/data-centers
call 4.9.10 POST $V3/data-centers '{"data_centers": [{"name": "AZ1"}]}'
call 4.9.11 PUT $V3/data-centers "{\"data_centers\": [{\"id\": \"59ec7944-757a-4429-b448-000000000005\", \"name\": \"AZ2\"}]}"
call 4.9.12 DELETE $V3/data-centers '{
  "data_center_ids": ["59ec7944-757a-4429-b448-000000000004", "59ec7944-757a-4429-b448-000000000005"]}'

# -- 4.10 inspections ---------------------------------------------------------------------------------------------------
call 4.10.9 GET $V3/inspections/items
items=$(grep -o '"item_id":"[^"]*"\|"id":"[^"]*"' "$reply" | cut -d'"' -f4 | head -n 3 | tail -n 2)
first=$(echo "$items" | head -n 1)
second=$(echo "$items" | tail -n 1)
call 4.10.2 POST $V3/inspections "{
  \"inspection_name\": \"inspection_test\", \"instance_ids\": [\"$I\", \"00000000000000000000000000000002in14\"],
  \"inspection_scope\": \"daily\", \"inspection_policy\": \"periodic\", \"inspection_period\": \"daily\",
  \"inspection_time\": \"01:00:00\", \"item_ids\": [\"$first\", \"$second\"]}"
call 4.10.1 GET "$V3/inspections?limit=10&offset=0&inspection_name=inspection_test"
inspection=$(found id)
call 4.10.4 POST "$V3/inspections/$inspection/start"
later 600
call 4.10.5 GET "$V3/inspections/$inspection"
call 4.10.6 PUT "$V3/inspections/$inspection" "{
  \"inspection_name\": \"test_3\", \"instance_ids\": [\"$I\"], \"inspection_scope\": \"real_time\",
  \"inspection_policy\": \"single\", \"item_ids\": [\"$first\", \"$second\"], \"inspection_period\": \"soon\",
  \"task_start_time\": \"$(at 3600)\"}"
later 4000
call 4.10.10 POST $V3/inspections/records '{"limit": 10, "offset": 0}'
record=$(found record_id)
other=$(grep -o '"record_id":"[^"]*"' "$reply" | cut -d'"' -f4 | sed -n 2p)
call 4.10.7 GET "$V3/inspections/records/$record/statistic"
call 4.10.8 GET "$V3/inspections/records/$record"
call 4.10.11 POST $V3/inspections/records/batch-delete "[\"$record\", \"$other\"]"
call 4.10.12 GET $V3/inspections/scenes
call 4.10.13 POST $V3/inspections/scenes "{\"name\": \"test_scenes\", \"item_ids\": [\"$first\", \"$second\"]}"
call 4.10.15 PUT $V3/inspections/scenes "{
  \"name\": \"test_scenes\", \"item_ids\": [\"$first\", \"$second\"], \"modify_name\": \"test\"}"
call 4.10.14 DELETE $V3/inspections/scenes '{"names": ["test"]}'
call 4.10.3 POST $V3/inspections/batch-delete "{\"inspection_ids\": [\"$inspection\"]}"

# -- 4.11 instances -------------------------------------------------------------------------------------------------------
call 4.11.1 PUT "$ORDERS/extend-info" '{"key": "BackupSet", "value": "/etc/xbsa.conf"}'
call 4.11.2 GET "$ORDERS/extend-info?key=BackupSet"
S=0000000000000000000000000000000ain14
# standby INSTANCE SHARD: an entry for switch-shard, a DN of the shard that is Standby.
standby() {
    curl --silent --cacert "$CA" --header "X-Mini-Token: $TOKEN" \
        "$SITE/rds/gaussdb/v3/instances/$1/components?limit=100&component_type=DN" | tr '{' '\n' | awk -v wanted="$2" '
        /"id":"[0-9a-f]*no14"/ { match($0, /[0-9a-f]*no14/); node = substr($0, RSTART, RLENGTH) }
        /"id":"dn_/ && /"status":"Standby"/ { match($0, /dn_[0-9]*/); id = substr($0, RSTART, RLENGTH)
            if (++seen == wanted) printf "{\"node_id\": \"%s\", \"component_id\": \"%s\"}", node, id }'
}
call 4.11.4 POST $V3/instances/$S/switch-shard "{\"shards\": [$(standby $S 1)]}"
later 4000
call 4.11.4 POST "$ORDERS/switch-shard" "{\"shards\": [$(standby $I 1)]}"
later 4000
call 4.11.5 DELETE $V3/instances/00000000000000000000000000000006in14/management '{
  "rds_admin_password": null, "is_force_remove_instance": false, "clear_data": true, "keep_db_backup": 0,
  "keep_difference_backup": 0}'
call 4.11.5 DELETE $V3/instances/00000000000000000000000000000007in14/management '{
  "rds_admin_password": "Gauss_2345", "is_force_remove_instance": false, "clear_date": false, "keep_db_backup": 0,
  "keep_difference_backup": 0}'
later 4000

# create SOLUTION MODE NAME LISTS: the ten examples differ only in these.
create() {
    call 4.11.6 POST $V3/instances "{
      \"name\": \"$3\", \"os_type\": \"kylin\", \"datastore\": {\"type\": \"GaussDB\", \"version\": \"1.1\"},
      \"host_type\": \"BMS\", \"cpu_spec\": \"intel\", \"arch\": \"X86\",
      \"ha\": {\"mode\": \"$2\", \"consistency\": \"strong\", \"replication_mode\": \"sync\",
        \"consistency_protocol\": \"quorum\"},
      \"solution\": \"$1\", \"port\": \"8000\", \"password\": \"Gauss_2345\", $4}"
}
# ips FIRST LAST: this part of the free hosts, as list entries.
ips() {
    seq -s, "$1" "$2" | sed 's/[0-9][0-9]*/"192.0.2.&"/g'
}
create single centralization_standard made-single "\"manage_ip\": [$(ips 1 1)]"
create triset centralization_standard made-triset "\"manage_ip\": [$(ips 2 4)], \"master_az_ip\": [$(ips 2 2)]"
create quadruset centralization_standard made-quadruset "\"manage_ip\": [$(ips 5 9)],
  \"master_az_ip\": [$(ips 5 6)], \"slave_az_ip\": [$(ips 7 8)], \"arbiter_az_ip\": [$(ips 9 9)]"
create pentaset centralization_standard made-pentaset "\"manage_ip\": [$(ips 10 14)]"
create hcs1 combined made-hcs1 "\"manage_ip\": [$(ips 15 23)], \"master_az_ip\": [$(ips 15 18)],
  \"slave_az_ip\": [$(ips 19 22)], \"arbiter_az_ip\": [$(ips 23 23)]"
create hcs2 combined made-hcs2 "\"manage_ip\": [$(ips 24 26)]"
create hcs3 combined made-hcs3 "\"manage_ip\": [$(ips 27 30)]"
create hcs4 combined made-hcs4 "\"manage_ip\": [$(ips 31 35)], \"arbiter_az_ip\": [$(ips 35 35)]"
create hcs6 combined made-hcs6 "\"manage_ip\": [$(ips 36 36)]"
create triset centralization_standard made-float "\"manage_ip\": [$(ips 37 39)], \"master_az_ip\": [$(ips 37 37)],
  \"float_ip\": [\"127.0.2.1\"]"

# restore NAME SOLUTION LISTS POINT
restore() {
    call 4.11.7 POST $V3/instances "{
      \"name\": \"$1\", \"os_type\": \"Kylin\", \"host_type\": \"BMS\", \"cpu_spec\": \"Intel\", \"arch\": \"X86\",
      \"solution\": \"$2\", \"port\": \"8000\", \"password\": \"Gauss_2345\", $3, $4}"
}
five() {
    printf '"manage_ip": [%s], "master_az_ip": [%s], "slave_az_ip": [%s], "arbiter_az_ip": [%s]' "$(ips "$1" $(($1 + 3)))" \
        "$(ips "$1" $(($1 + 1)))" "$(ips $(($1 + 2)) $(($1 + 3)))" "$(ips $(($1 + 4)) $(($1 + 4)))"
}
full="\"backup_id\": \"00000000000000000000000000000001br14\", \"instance_id\": \"$I\""
restore made-from-full quadruset "\"region\": \"cn-north-4\", $(five 40)" "\"restore_point\": {$full}"
later 4000
restore made-from-time quadruset "$(five 45)" "\"restore_point\": {
  \"restore_time\": \"$(epoch -60)000\", \"instance_id\": \"$I\"}"
restore made-from-table quadruset "$(five 50)" "\"restore_point\": {
  $full, \"restore_source_type\": \"DATABASE_TABLE\", \"table_list\": [
    {\"db_name\": \"articles\", \"table_name\": \"name_list\", \"schema_name\": \"famous_figures\",
     \"new_db_name\": \"test_2\", \"new_table_name\": \"table_2\", \"new_schema_name\": \"schema_2\"},
    {\"db_name\": \"articles\", \"table_name\": \"name_list\", \"schema_name\": \"famous_figures\"}]}"
later 4000
restore made-with-float quadruset "\"region\": \"cn-north-4\", \"float_ip\": [\"127.0.2.2\"], $(five 55)" \
    "\"restore_point\": {$full}"
xbsa='"xbsa_extension_infos": [{"key": "BackupSet", "value": "/opt/xbsa/conf/xbsa_gaussdb_restore.conf"},
    {"key": "XbsaRoute", "value": "{\"port\":\"5000\",\"ip\":\"172.168.1.68\"}"}],
  "xbsa_ssl_certs": {"ca_cert_pem": "Q2VydGlma", "client_crt": "Q2VydG", "client_key": "LS0t", "rand_pass": "VTEyMzQ1Njc4"}'
call 4.11.7 POST $V3/instances "{
  \"name\": \"gauss-restore-xbsa\", \"host_type\": \"bms\", \"os_type\": \"Kylin\", \"cpu_spec\": \"intel\",
  \"arch\": \"x86\", \"storage_type\": \"LOCALSSD\", \"port\": \"8000\", \"password\": \"Gauss_2345\",
  \"manage_ip\": [$(ips 60 62)], \"master_az_ip\": [$(ips 60 60)],
  \"restore_point\": {\"type\": \"backup\"}, $xbsa}"
later 4000
call 4.11.7 POST $V3/instances "{
  \"name\": \"gauss-restore-pitr-xbsa\", \"host_type\": \"bms\", \"os_type\": \"Kylin\", \"cpu_spec\": \"intel\",
  \"arch\": \"x86\", \"storage_type\": \"LOCALSSD\", \"port\": \"8000\", \"password\": \"Gauss_2345\",
  $(five 63), \"float_ip\": [\"127.0.2.3\"],
  \"restore_point\": {\"restore_point\": \"$(epoch -60)000\",
    \"instance_id\": \"0000000000000000000000000000000ein14\", \"type\": \"timestamp\"}, $xbsa}"
later 4000
call 4.11.8 GET "/gaussdb/v3.1/instances?id=$I&offset=0&limit=10"
call 4.11.9 POST "$ORDERS/db-stop" "{\"node_ids\": [\"$(node $I 3)\"]}"
later 600
call 4.11.11 POST "$ORDERS/db-startup" "{\"node_ids\": [\"$(node $I 3)\"]}"
later 600
call 4.11.9 POST "$ORDERS/db-stop" '{"node_ids": []}'
later 600
call 4.11.11 POST "$ORDERS/db-startup" '{"node_ids": []}'
later 600
call 4.11.10 POST "$ORDERS/restart"
later 600
call 4.11.12 POST /v3/instances/management/check-hosts-manageable '{"manage_ip": "192.0.2.241"}'
call 4.11.12 POST /v3/instances/management/check-hosts-manageable '{"manage_ip": null}'
call 4.11.13 POST /v3/instances/management '{
  "instance_name": "instance-a", "manage_ip_list": ["192.0.2.241", "192.0.2.242", "192.0.2.243"],
  "manage_user": "rdsAdmin", "manage_userpass": "Gauss_2345", "storage_device": {"device_id": "nas_server_1",
    "device_directory": "/data/nas", "real_path": "/home/nfs/data1", "is_manually_mount": false}}'
later 4000
call 4.11.14 POST "/v3/instances/$I/repair" '{"availability_zone_id": "az_01", "operation": "switch"}'
later 600
call 4.11.15 POST $V3/instances/$S/expansion "{\"expand_cluster\": {\"nodes\": {\"count\": 1,
  \"manage_ip\": [$(ips 68 70)]}}}"
later 8000
B=00000000000000000000000000000008in14
broken $B 1
call 4.11.16 POST "/v3/instances/$B/nodes/replacement" "{
  \"node_ids\": [\"$(node $B 2)\"], \"manage_ips\": [\"192.0.2.71\"], \"is_reset_server\": true}"
later 8000
broken $B 1
call 4.11.19 POST "$V3/instances/$B/nodes/repair" "{\"node_ids\": [\"$(node $B 2)\"]}"
later 8000
call 4.11.17 GET "$ORDERS/db-upgrade/candidate-versions"
upgrade() {
    call 4.11.18 PUT "/gaussdb/v3.1/instances/$1/db-upgrade" "$2"
    later 8000
}
upgrade 00000000000000000000000000000003in14 '{"target_version": "3.200.0", "upgrade_type": "inplace"}'
G=00000000000000000000000000000004in14
grey='{"target_version": "3.200.0", "upgrade_action": "upgrade", "upgrade_az": "az_02,az_01", "upgrade_type": "grey"}'
upgrade $G "$grey"
upgrade $G '{"target_version": "3.200.0", "upgrade_action": "rollback", "upgrade_type": "grey"}'
upgrade $G "$grey"
upgrade $G '{"target_version": "3.200.0", "upgrade_action": "upgrade", "upgrade_az": "az_03", "upgrade_type": "grey"}'
upgrade $G '{"target_version": "3.200.0", "upgrade_action": "commit", "upgrade_type": "grey"}'
upgrade 00000000000000000000000000000005in14 \
    '{"target_version": "3.200.0", "upgrade_action": "upgradeAutoCommit", "upgrade_type": "grey"}'
F=00000000000000000000000000000009in14
call 4.11.20 PUT $V3/instances/$F/solution "{\"solution\": \"triset\", \"node_id\": [\"$(node $F 4)\", \"$(node $F 5)\"]}"
later 8000
call 4.11.20 PUT $V3/instances/$F/solution "{\"solution\": \"pentaset\", \"manage_ip\": [$(ips 72 73)]}"
later 8000
call 4.11.21 POST "$ORDERS/mysql-compatibility" '{"port": 3306}'
later 600
call 4.11.22 PUT "$ORDERS/mysql-compatibility" '{"port": 3308}'
later 600

# -- 4.12 to 4.17 -----------------------------------------------------------------------------------------------------------
call 4.12.1 GET $V3/datastore/versions
call 4.13.1 GET /v3/instances
call 4.13.2 GET "$ORDERS/agent/status"
call 4.13.3 POST "$ORDERS/agent/upgrade"
later 600
call 4.13.4 POST /v3/instances/agent/batch-upgrade '["00000000000000000000000000000003in14",
  "00000000000000000000000000000002in14"]'
job=$(found job_id)
later 600
call 4.14.1 POST /v3/alarm/records '{"is_active": true, "is_convergence": true, "limit": 10, "offset": 0}'
call 4.14.2 GET /v3/alarm/records/statistic
call 4.14.3 POST /v3/alarm/update/configs "{\"source_id\": \"$I\",
  \"target_instance_ids\": [\"00000000000000000000000000000002in14\"]}"
call 4.15.1 POST /v3/monitor/metrics "{
  \"start_time\": $(epoch -600)000, \"end_time\": $(epoch 0)000, \"is_latest_point_only\": \"false\",
  \"instances\": [{\"instance_id\": \"$I\"}], \"metric_names\": [\"sys001_cpu_usage\"]}"
call 4.15.2 GET "/v3/monitor/metrics/series?name=CPUMEMORY"
call 4.16.1 POST "$ORDERS/top-sqls" "{\"start_time\": \"$(date -u -d "@$(epoch -3600)" +%Y-%m-%dT%H:%M:%S.86Z)\",
  \"end_time\": \"$(date -u -d "@$(epoch 0)" +%Y-%m-%dT%H:%M:%S.866Z)\", \"limit\": 10, \"offset\": 1}"
call 4.16.2 POST "$ORDERS/slow-sql-execute-node" '{"action": "slow"}'
period="\"instance_id\": \"$I\", \"node_ids\": [\"$N\"], \"start_time\": $(epoch -80000)000, \"end_time\": $(epoch 0)000"
call 4.16.3 POST "$ORDERS/slow-sql-list" "{$period, \"threshold\": 1}"
call 4.16.4 POST "$ORDERS/slow-sql-detail" "{$period, \"sql_id\": 123}"
call 4.17.1 GET "/v3/jobs?id=$job"

# -- 4.18 disaster recovery -----------------------------------------------------------------------------------------------
DR=/gaussdb/v3.6/instances/0000000000000000000000000000000cin14/disaster-recovery
P=0000000000000000000000000000000cin14
call 4.18.4 POST $DR/construct '{"disaster_type": "stream", "dr_ip": "203.0.113.1", "dr_user_name": "root",
  "dr_user_password": "Gauss_2345", "dr_task_name": "dr-task-123"}'
later 4000
call 4.18.2 GET "/gaussdb/v3.6/disaster-recovery/relations?limit=100&offset=0"
sync=$(found synchronization_id)
call 4.18.1 PUT $DR/rename "{\"synchronization_id\": \"$sync\", \"dr_task_name\": \"dr-task-124\"}"
call 4.18.3 GET "$DR/monitor"
call 4.18.11 POST $DR/keep-log-start '{"xlog_keep_ratio": 90, "disaster_type": "stream"}'
later 600
call 4.18.12 POST $DR/keep-log-stop '{"disaster_type": "stream"}'
later 600
call 4.18.9 POST $DR/simulation-start '{"xlog_keep_ratio": 90, "disaster_type": "stream"}'
later 600
first_token=$TOKEN
token "$PEER"
OTHER=$PEER/rds/gaussdb/v3.6/instances/0000000000000000000000000000000din14/disaster-recovery
send 4.18.10 POST "$OTHER/simulation-stop" '{"disaster_type": "stream"}'
later 600
send 4.18.7 POST "$OTHER/switchover" '{"disaster_type": "stream"}'
later 600
send 4.18.7 POST "$OTHER/switchover" '{"disaster_type": "stream"}'
later 600
send 4.18.5 POST "$OTHER/failover" '{"is_support_restore": true, "disaster_type": "stream"}'
later 600
send 4.18.8 POST "$OTHER/restore" '{"disaster_type": "stream"}'
later 4000
send 4.18.6 POST "$OTHER/release" '{"disaster_type": "stream"}'
later 600
TOKEN=$first_token
call 4.18.14 POST $V3/instances/disaster/record/delete '{"disaster_name": "dr-task-124"}'
call 4.18.13 POST $V3/instances/disaster/instanceList "{\"master_instance_id\": \"$P\", \"disaster_type\": \"stream\"}"

echo "$count calls, $failed failed"
[ "$failed" -eq 0 ]
