# make explore       build, and open the explorer on the embedded gallery
# make test          build, and run the whole suite
# make install       program, models, manual and completions below PREFIX (/usr/local); make uninstall
# make deb           the same as a Debian package, in .build/deb
# make test-install  try both in an empty Debian system (as root, with a network)
# make test-mpi      build with MPI, and run the tests of training on several machines
# make models        train the two shipped models again (hours), into runs/; goes on where it was stopped
# make bench         measure against the peers (see Benchmarks)
# make fuzz          run every fuzzer for ten minutes (see Fuzz/run.sh)
# make format        rewrite the sources in the house style; make lint only checks them

SWIFT ?= swift
PACKAGES = libncursesw5-dev libjpeg-dev libturbojpeg0-dev libdnnl-dev libchafa-dev \
	libglib2.0-dev pkg-config libsqlite3-dev libssl-dev libcurl4-openssl-dev \
	libzip-dev libpng-dev libtiff-dev libwebp-dev libproj-dev libopenjp2-7-dev ca-certificates
FUZZERS = $(notdir $(wildcard Fuzz/corpus/*))
PROGRAM = .build/release/clip-rsicd
SOURCES = Package.swift Fuzz Sources Tests

# No test imports with @testable; without that the tests and the program are one build, not two.
SHARED_BUILD = --disable-testable-imports

MPI_BUILD = --traits MPI --scratch-path .build/mpi

# What is installed has Swift's libraries in itself, so that none is needed where it runs. They are
# compiled against too, so it is a build folder of its own.
RELEASE = .build/static
RELEASE_BUILD = -c release --static-swift-stdlib --disable-local-rpath --scratch-path $(RELEASE)

PREFIX ?= /usr/local
DESTDIR ?=
BIN = $(DESTDIR)$(PREFIX)/bin
SHARE = $(DESTDIR)$(PREFIX)/share
BASH_COMPLETIONS ?= $(SHARE)/bash-completion/completions
ZSH_COMPLETIONS ?= $(SHARE)/zsh/site-functions
FISH_COMPLETIONS ?= $(SHARE)/fish/vendor_completions.d

.PHONY: explore build test test-mpi test-install models bench fuzz mutations format lint packages \
	release install uninstall deb
.DEFAULT_GOAL := build

packages:
	@.ci/packages $(PACKAGES)

build: packages
	$(SWIFT) build -c release --product clip-rsicd

# Without a terminal to draw on, one search shows that everything works.
explore: build
	@if [ -t 1 ]; then exec $(PROGRAM) explore; \
	else exec $(PROGRAM) search "planes parked next to a long terminal" -k 5 --preview; fi

# tmux is the real terminal in which screens are checked, python3 checks the samples of the documents. One
# test after the other: many wait for a process or a screen, and together they would hold all threads of
# the task pool.
test: packages
	@.ci/packages tmux python3
	$(SWIFT) build -c release --build-tests
	$(SWIFT) test -c release --no-parallel $(SHARED_BUILD)

# The program as it is installed, and what is made of it: the manual and the completions are never older
# than it, since nobody keeps them. `sudo make install` finds no Swift, and takes what is built.
release: packages
	@if command -v $(SWIFT) >/dev/null 2>&1; then \
	SWIFT="$(SWIFT)" Packaging/release "$(RELEASE)" $(RELEASE_BUILD); \
	elif [ -d "$(RELEASE)/made" ]; then echo "No $(SWIFT) here; taking what is built."; \
	else echo "There is no $(SWIFT) to build with; run make release as yourself first." >&2; exit 1; fi

install: release
	install -d "$(BIN)" "$(SHARE)/clip-rsicd" "$(SHARE)/doc/clip-rsicd" "$(SHARE)/man/man1" \
		"$(BASH_COMPLETIONS)" "$(ZSH_COMPLETIONS)" "$(FISH_COMPLETIONS)"
	install -m 755 $(RELEASE)/made/clip-rsicd "$(BIN)"
	install -m 644 $(RELEASE)/made/man/*.1 "$(SHARE)/man/man1"
	install -m 644 $(RELEASE)/made/clip-rsicd.bash "$(BASH_COMPLETIONS)/clip-rsicd"
	install -m 644 $(RELEASE)/made/clip-rsicd.zsh "$(ZSH_COMPLETIONS)/_clip-rsicd"
	install -m 644 $(RELEASE)/made/clip-rsicd.fish "$(FISH_COMPLETIONS)"
	for model in $(notdir $(wildcard assets/models/*)); do \
		install -d "$(SHARE)/clip-rsicd/models/$$model" && \
		install -m 644 assets/models/$$model/* "$(SHARE)/clip-rsicd/models/$$model" || exit 1; done
	install -m 644 LICENSE README.md CHANGELOG.md SECURITY.md "$(SHARE)/doc/clip-rsicd"
	for folder in docs recipes; do \
		install -d "$(SHARE)/doc/clip-rsicd/$$folder" && \
		install -m 644 $$folder/* "$(SHARE)/doc/clip-rsicd/$$folder" || exit 1; done

uninstall:
	rm -f "$(BIN)/clip-rsicd" "$(SHARE)/man/man1/clip-rsicd.1" "$(SHARE)/man/man1"/clip-rsicd-*.1 \
		"$(BASH_COMPLETIONS)/clip-rsicd" "$(ZSH_COMPLETIONS)/_clip-rsicd" \
		"$(FISH_COMPLETIONS)/clip-rsicd.fish"
	rm -rf "$(SHARE)/clip-rsicd" "$(SHARE)/doc/clip-rsicd"

deb:
	@.ci/packages dpkg-dev
	Packaging/deb .build/deb

test-install:
	Tests/Install/run.sh

# Its own build folder: a trait changes what every file is compiled with.
test-mpi: packages
	@.ci/packages libopenmpi-dev openmpi-bin tmux
	$(SWIFT) build -c release --build-tests $(MPI_BUILD)
	$(SWIFT) test -c release --no-parallel $(SHARED_BUILD) $(MPI_BUILD) --filter MPITests

models: build
	$(PROGRAM) train recipes/clip-mini.toml --resume
	$(PROGRAM) train recipes/rsicd-mini.toml --resume

bench: build
	Benchmarks/run.sh

fuzz:
	for target in $(FUZZERS); do Fuzz/run.sh $$target || exit 1; done

# Half an hour and more after the first build: see CONTRIBUTING.md.
mutations: packages
	python3 Tests/Mutations/run.py $(MUTATIONS)

format:
	$(SWIFT) format --in-place --recursive --parallel --configuration .swift-format $(SOURCES)

lint:
	$(SWIFT) format lint --strict --recursive --parallel --configuration .swift-format $(SOURCES)
