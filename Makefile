# SPDX-License-Identifier: GPL-3.0-or-later
# Everything that a developer or a CI needs. With git, make and Python 3.11 or later, the targets create what they need
# in .venv* and build/, which git ignores. `make help` lists them.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh

# Python versions to use: the newest well-tested one first. PYTHON=/path/to/python3 overrides it for .venv and
# .venv-dev.
PYTHONS := 3.12 3.13 3.14 3.11
# ansible-core 2.16 runs on these.
PYTHONS_OLDEST := 3.12 3.11 3.10
# So do 2.18 and 2.20, which hubs test with in addition to 2.16.
PYTHONS_BETWEEN := 3.12 3.13

DEMO := .venv/bin/python
DEV := .venv-dev/bin/python
OLDEST := .venv-oldest/bin/python
LINK := build/collections/ansible_collections/gaussdb/tpops

PYTEST = PYTHONPATH="$(CURDIR)/build/collections:$(CURDIR)/tests/$@" PYTHONDONTWRITEBYTECODE=1 COVERAGE_FILE="$(CURDIR)/build/coverage/.coverage.$@" $(DEV) -m pytest -q
ESTATES = $(subst tests/$@,tests/system,$(PYTEST)) tests/system $(foreach name,dr upgrade day2 random,--ignore-glob '*/test_$(name)*.py')
AWX = $(subst tests/$@,tests/awx,$(PYTEST)) $(addprefix tests/awx/test_,model.py slices.py templates.py workflows.py)
FAULTS = $(subst tests/$@,tests/faults,$(PYTEST)) -n 2 $(or $(TESTS),tests/faults)

export LC_ALL := C.UTF-8

##@ The main commands

.PHONY: demo
demo: .venv/.made ## create instances on a simulated platform, and run again without changes
	@$(DEMO) tools/demo.py

.PHONY: demo-dr
demo-dr: .venv/.made ## disaster recovery between two simulated sites: a drill, a lost site, failover, return
	@$(DEMO) tools/demo_dr.py

.PHONY: demo-upgrade
demo-upgrade: .venv/.made ## the upgrade of a fleet in waves: one is rolled back, its cause is fixed, the rest follows
	@$(DEMO) tools/demo_upgrade.py

.PHONY: demo-day2
demo-day2: .venv/.made ## a day of a database team: the proof of a backup, the repair of a node, the health of all sites
	@$(DEMO) tools/demo_day2.py

.PHONY: demo-gitops
demo-gitops: .venv/.made ## a platform described in Git: export, merge request, plan, approval, apply, drift
	@$(DEMO) tools/demo_gitops.py

.PHONY: test
test: venvs ## run every test; logs go to build/logs
	@$(DEV) tools/run_tests.py $(PARTS)

##@ The parts of `make test`

.PHONY: lint
lint: .venv-dev/.made ## ruff, mypy, ansible-lint (production), shellcheck, changelog, licences, generated texts, locks
	@$(DEV) tools/lint.py

.PHONY: docs-lint
docs-lint: .venv-dev/.made ## check the documentation of modules and plugins
	@$(DEV) tools/lint.py collection-docs

.PHONY: importer
importer: .venv-dev/.made ## build the collection and import it as a hub does, by the rules for partners
	@$(DEV) tools/importer.py

.PHONY: unit
unit: .venv-dev/.made $(LINK) build/coverage ## unit tests, and their branch coverage of the engine
	@$(PYTEST) tests/unit --cov=plugins --cov-branch --cov-report=
	@$(DEV) tools/coverage_report.py engine build/coverage/.coverage.$@

.PHONY: contract
contract: .venv-dev/.made $(LINK) build/coverage ## the collection's operations against the simulator's contract
	@$(PYTEST) tests/contract

.PHONY: simulator-test
simulator-test: .venv-dev/.made ## the simulator's own tests
	@cd simulator && PYTHONDONTWRITEBYTECODE=1 "$(CURDIR)/$(DEV)" -m pytest -q -p no:ansible -p no:molecule

.PHONY: sanity
sanity: .venv-dev/.made ## ansible-test sanity on the newest ansible-core that this Python can run
	@$(DEV) tools/ansible_test.py sanity $(ARGS)

.PHONY: sanity-oldest
sanity-oldest: .venv-oldest/.made ## ansible-test sanity on ansible-core 2.16, without pylint, which `make sanity-all` has
	@if [ -x $(OLDEST) ]; then $(OLDEST) tools/ansible_test.py sanity --name sanity-oldest $(or $(ARGS),$(SKIPPED)); else cat .venv-oldest/.made; fi

.PHONY: integration
integration: .venv-dev/.made ## all integration targets against a simulator, modules inside the controller; ARGS=TARGET for one
	@$(DEV) tools/ansible_test.py integration $(ARGS)

.PHONY: integration-process
integration-process: .venv-dev/.made ## the quick targets with every module run as a process; ARGS='gaussdb_.*' for all of them
	@$(DEV) tools/ansible_test.py integration --name integration-process --process $(or $(ARGS),process/)

.PHONY: system
system: .venv-dev/.made $(LINK) ## a sample of `make estates`: the example estate, kill and rerun, secrets, bad input; the examples of all modules
	@$(ESTATES) -m 'not long'

.PHONY: system-dr
system-dr: .venv-dev/.made $(LINK) ## a sample of `make dr`: disaster recovery end to end, ansible-runner; drift
	@$(subst tests/$@,tests/system,$(PYTEST)) -m 'not long' tests/system/test_dr*.py

.PHONY: system-upgrade
system-upgrade: .venv-dev/.made $(LINK) ## a sample of `make upgrades`: upgrades end to end, killed in each step, waves, pairs, the way back
	@KILL_ROUNDS=1 $(subst tests/$@,tests/system,$(PYTEST)) -m 'not long' tests/system/test_upgrade*.py

.PHONY: system-day2
system-day2: .venv-dev/.made $(LINK) ## a sample of `make day2`: the procedures for daily work end to end
	@KILL_ROUNDS=1 $(subst tests/$@,tests/system,$(PYTEST)) -m 'not long' tests/system/test_day2*.py

.PHONY: faults-sample
faults-sample: .venv-dev/.made $(LINK) ## a sample of `make faults`, the same one each time
	@$(FAULTS) --sample 0.008 --faults-report build/faults-sample.json $(ARGS)

.PHONY: properties
properties: .venv-dev/.made $(LINK) ## properties of random estates: what is planned is done, an export describes it; ESTATE_ROUNDS=40 tries more
	@$(PYTEST) -n 2 tests/properties $(ARGS)

.PHONY: browser
browser: .venv-dev/.made $(LINK) ## the evidence pages and the simulator's page in a real headless Chromium; screenshots go to build/browser
	@$(DEV) tools/browser.py && $(PYTEST) tests/browser

.PHONY: gitops
gitops: .venv-dev/.made $(LINK) ## the pipelines of examples/gitops, executed against two simulated platforms
	@$(DEV) tools/pipelines.py && $(PYTEST) tests/gitops

.PHONY: events
events: .venv-dev/.made .venv-events/.made $(LINK) ## the event source and the rulebooks in a real ansible-rulebook: killed, without a token, without a platform
	@.venv-events/bin/python tools/java.py && $(subst $(DEV),.venv-events/bin/python,$(PYTEST)) -n 2 tests/events $(ARGS)

.PHONY: awx-sample
awx-sample: .venv-dev/.made $(LINK) ## a sample of `make awx`: one workflow
	@$(AWX) -m 'not long' $(ARGS)

.PHONY: awx-content
awx-content: .venv-awx/.made $(LINK) ## the content of AWX in examples/awx: as data, and made by the modules of awx.awx in a double of AWX
	@$(subst tests/$@,tests/awx,$(subst $(DEV),.venv-awx/bin/python,$(PYTEST))) -m 'not long' tests/awx/test_data.py tests/awx/test_content.py $(ARGS)

.PHONY: molecule
molecule: .venv-dev/.made ## roles and playbooks: converge, idempotence, verify; ARGS=SCENARIO for one
	@$(DEV) tools/molecule.py $(ARGS)

##@ More

# It takes most of the time, and finds little that that of the newest one does not.
SKIPPED := --skip-test pylint

.PHONY: sanity-all
sanity-all: SKIPPED :=
sanity-all: sanity-oldest sanity-2.18 sanity-2.20 sanity ## ansible-test sanity on ansible-core 2.16, 2.18, 2.20 and the newest

.PHONY: sanity-2.18 sanity-2.20
sanity-2.18 sanity-2.20: sanity-%: .venv-%/.made
	@.venv-$*/bin/python tools/ansible_test.py sanity --name $@ $(ARGS)

.PHONY: environments
environments: .venv-dev/.made ## the environments of AWX, replayed for four versions of ansible-core, each playing the demonstration; ARGS=core-2.16 for one
	@$(DEV) tools/environments.py $(ARGS)

.PHONY: faults
faults: .venv-dev/.made $(LINK) ## every fault at every operation, bad inputs, hostile replies; writes build/faults.json; ARGS='-k backup' for some
	@$(FAULTS) --faults-report build/faults.json $(ARGS)

.PHONY: estate-properties
estate-properties: .venv-dev/.made $(LINK) ## `make properties` with many more random estates, ESTATE_ROUNDS=60; three of them by real playbooks
	@ESTATE_ROUNDS=$(or $(ESTATE_ROUNDS),60) $(MAKE) --no-print-directory properties
	@$(subst tests/$@,tests/system,$(PYTEST)) -n 2 tests/system/test_random_estates.py

.PHONY: snapshots
snapshots: .venv-dev/.made $(LINK) ## update the snapshots of what the modules send and return; review the difference before committing
	@$(subst tests/$@,tests/faults,$(PYTEST)) tests/faults/test_snapshots.py --snapshot-update

.PHONY: fleets
fleets: .venv-dev/.made $(LINK) ## waves with 40 relations and with 40 instances in place of 8; FLEET=100
	@FLEET=$(or $(FLEET),40) $(subst tests/$@,tests/system,$(PYTEST)) tests/system/test_dr_many.py tests/system/test_upgrade_many.py -k in_waves $(ARGS)

.PHONY: estates
estates: .venv-dev/.made $(LINK) ## all tests of estates, of their plans and of inventories end to end, `make demo-gitops` among them
	@$(ESTATES) $(ARGS)

.PHONY: dr
dr: .venv-dev/.made $(LINK) ## all tests of disaster recovery end to end: every procedure killed in each step
	@KILL_ROUNDS=1 $(subst tests/$@,tests/system,$(PYTEST)) tests/system/test_dr*.py $(ARGS)

.PHONY: upgrades
upgrades: .venv-dev/.made $(LINK) ## all tests of upgrades end to end, `make demo-upgrade` among them
	@KILL_ROUNDS=1 $(subst tests/$@,tests/system,$(PYTEST)) tests/system/test_upgrade*.py $(ARGS)

.PHONY: day2
day2: .venv-dev/.made $(LINK) ## all tests of the procedures for daily work end to end, killed in each step
	@KILL_ROUNDS=1 $(subst tests/$@,tests/system,$(PYTEST)) tests/system/test_day2*.py $(ARGS)

.PHONY: day2-oldest
day2-oldest: .venv-dev/.made .venv-oldest/.made $(LINK) ## a sample of `make day2` on ansible-core 2.16
	@CORE_BIN=$(CURDIR)/$(dir $(OLDEST)) KILL_ROUNDS=1 $(subst tests/$@,tests/system,$(PYTEST)) -m 'not long' tests/system/test_day2*.py $(ARGS)

.PHONY: awx
awx: .venv-dev/.made $(LINK) ## each job template, each edge of each workflow and sliced jobs of examples/awx, run as AWX does
	@$(AWX) -n 2 $(ARGS)

.PHONY: kills
kills: .venv-dev/.made $(LINK) ## kill every procedure at random moments; KILL_ROUNDS=20, KILL_SEED=SEED
	@$(subst tests/$@,tests/system,$(PYTEST)) -k 'at_any_moment or pair_killed_in_each' tests/system/test_dr_interrupted.py tests/system/test_upgrade_interrupted.py tests/system/test_day2*.py $(ARGS)

.PHONY: coverage
coverage: .venv-dev/.made ## measure coverage of plugins/ by unit and integration tests together; report in build/coverage
	@status=0; \
	$(MAKE) --no-print-directory unit || status=1; \
	$(MAKE) --no-print-directory integration ARGS=--coverage || status=1; \
	$(MAKE) --no-print-directory integration-process ARGS=--coverage || status=1; \
	$(DEV) tools/coverage_report.py || status=1; \
	exit $$status

.PHONY: mutants
mutants: .venv-dev/.made .venv-mutants/.made ## change the code in random places and check that the fast tests notice; ARGS='--sample 65 --seed 1'
	@.venv-mutants/bin/python tools/mutants.py $(ARGS)

.PHONY: bench
bench: .venv-dev/.made $(LINK) ## time tasks and the convergence of a large estate; writes build/bench.json
	@$(DEV) tools/bench.py $(ARGS)

.PHONY: bench-failover
bench-failover: .venv-dev/.made $(LINK) ## time the failover of a site with 20 relations against that of one; writes build/bench_failover.json
	@$(DEV) tools/bench_failover.py $(ARGS)

.PHONY: bench-simulator
bench-simulator: .venv-dev/.made ## requests per second and memory of the simulator with 10,000 hosts, and its ratio to bare Starlette
	@$(DEV) -m tpops_simulator.bench --output build/bench-simulator.json $(ARGS)

.PHONY: generate
generate: .venv-dev/.made ## write the generated texts: tables, action group, actions, role READMEs
	@$(DEV) tools/generate.py

.PHONY: changelog
changelog: .venv-dev/.made ## update CHANGELOG.md from the fragments and modules of the version in galaxy.yml
	@$(DEV) tools/changelog.py

.PHONY: lock
lock: .venv-dev/.made ## lock the versions that requirements/*.in allow, keeping those that still fit; ARGS=--upgrade for the newest
	@$(DEV) tools/lock.py $(ARGS)

.PHONY: format
format: .venv-dev/.made ## format the Python code
	@$(DEV) -m ruff check --quiet --fix-only . && $(DEV) -m ruff format .
	@cd simulator && "$(CURDIR)/$(DEV)" -m ruff check --quiet --fix-only . && "$(CURDIR)/$(DEV)" -m ruff format .

.PHONY: new-module
new-module: .venv-dev/.made ## scaffold a module with its target: make new-module NAME=gaussdb_thing
	@test -n "$(NAME)" || { echo "Say which: make new-module NAME=gaussdb_thing" >&2; exit 2; }
	@$(DEV) tools/new_module.py "$(NAME)"

.PHONY: simulator
simulator: .venv/.made ## open a shell whose GAUSSDB_TPOPS_* variables point to a running simulator
	@$(DEMO) tools/simulator.py -- $${SHELL:-/bin/sh}

.PHONY: venvs
venvs: .venv-dev/.made .venv-oldest/.made .venv-events/.made .venv-awx/.made ## only create the virtual environments

.PHONY: clean
clean: ## remove all created files
	rm -rf build .venv .venv-* .ruff_cache .pytest_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help
help: ## list the targets
	@awk 'BEGIN { FS = ":.*## " } /^##@/ { printf "\n%s\n", substr($$0, 5) } /^[a-z-]+:.*## / { printf "  make %-20s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# Prerequisites of the targets.

# Every environment is installed from its lock. `make lock` updates a lock from its ranges.
INSTALLER := tools/venv.sh requirements/uv.in requirements/uv.txt

.venv/.made: requirements/demo.in requirements/demo.txt simulator/pyproject.toml $(INSTALLER)
	@tools/venv.sh .venv demo "$(PYTHONS)"
	@touch $@

.venv-dev/.made: requirements/test.in requirements/test.txt requirements/demo.in simulator/pyproject.toml $(INSTALLER)
	@tools/venv.sh .venv-dev test "$(PYTHONS)"
	@touch $@

.venv-oldest/.made: requirements/oldest.in requirements/oldest.txt $(INSTALLER) tools/venv-oldest.sh | .venv-dev/.made
	@tools/venv-oldest.sh .venv-oldest oldest "$(PYTHONS_OLDEST)"
	@touch $@

.venv-2.18/.made .venv-2.20/.made: .venv-%/.made: requirements/core-%.in requirements/core-%.txt $(INSTALLER)
	@tools/venv.sh .venv-$* core-$* "$(PYTHONS_BETWEEN)"
	@touch $@

.venv-events/.made: requirements/events.in requirements/events.txt requirements/demo.in simulator/pyproject.toml $(INSTALLER)
	@tools/venv.sh .venv-events events "$(PYTHONS)"
	@touch $@

.venv-awx/.made: requirements/awx.in requirements/awx.txt $(INSTALLER)
	@tools/venv.sh .venv-awx awx "$(PYTHONS)"
	@touch $@

.venv-mutants/.made: requirements/mutants.in requirements/mutants.txt $(INSTALLER)
	@tools/venv.sh .venv-mutants mutants "$(PYTHONS)"
	@touch $@

$(LINK):
	@mkdir -p $(@D)
	@ln -sfn ../../../.. $@

build/coverage:
	@mkdir -p $@
