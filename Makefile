# make explore   build, and open the explorer on the embedded gallery
# make test      build, and run the whole suite
# make test-mpi  build with MPI, and run the tests of training on several machines
# make models    train the two shipped models again (hours), into runs/; goes on where it was stopped
# make bench     measure against the peers (see Benchmarks)
# make fuzz      run every fuzzer for ten minutes (see Fuzz/run.sh)
# make format    rewrite the sources in the house style; make lint only checks them

SWIFT ?= swift
PACKAGES = libncursesw5-dev libjpeg-dev libturbojpeg0-dev libdnnl-dev libchafa-dev \
	libglib2.0-dev pkg-config libsqlite3-dev libssl-dev libcurl4-openssl-dev \
	libzip-dev libpng-dev libtiff-dev libwebp-dev ca-certificates
FUZZERS = $(notdir $(wildcard Fuzz/corpus/*))
PROGRAM = .build/release/clip-rsicd
SOURCES = Package.swift Fuzz Sources Tests

# No test imports with @testable; without that the tests and the program are one build, not two.
SHARED_BUILD = --disable-testable-imports

MPI_BUILD = --traits MPI --scratch-path .build/mpi

.PHONY: explore build test test-mpi models bench fuzz format lint packages
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

format:
	$(SWIFT) format --in-place --recursive --parallel --configuration .swift-format $(SOURCES)

lint:
	$(SWIFT) format lint --strict --recursive --parallel --configuration .swift-format $(SOURCES)
