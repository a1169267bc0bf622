# sockdeck - a network lab in one terminal.  `make help` lists the targets.

PREFIX  ?= /usr/local
DESTDIR ?=
BUILD   ?= build
CC      ?= cc
CFLAGS  ?= -O2 -g
V       ?= 0

Q = $(if $(filter 1,$(V)),,@)
say = $(if $(filter 1,$(V)),,@printf '  %-6s %s\n' '$(1)' '$(2)')

# ---------------------------------------------------------------- packages
# `make deps run` in one command: whatever is built waits for deps, and
# pkg-config is asked only when a recipe runs, that is after deps.

DEPS_RUN  := gcc make pkg-config libc6-dev libncurses-dev libpcap-dev \
             libmnl-dev libinih-dev libjansson-dev zlib1g-dev
DEPS_TEST := libcmocka-dev libvterm-dev python3 ncat socat telnet tcpdump tshark \
             iproute2 curl strace
DEPS_BENCH := nginx-light wrk
DEPS_LINT := clang clang-format clang-tidy libclang-rt-dev
# Only where apt offers them: without, Bluetooth says what it lacks, and the
# tests in a virtual machine are skipped.
DEPS_MAYBE := libbluetooth-dev
DEPS := $(DEPS_RUN)
ifneq ($(filter test asan tsan coverage bench lint,$(MAKECMDGOALS)),)
DEPS += $(DEPS_TEST)
endif
ifneq ($(filter test bench vm vm-test,$(MAKECMDGOALS)),)
DEPS_MAYBE += qemu-system-x86 zstd
endif
ifneq ($(filter bench,$(MAKECMDGOALS)),)
DEPS += $(DEPS_BENCH)
endif
ifneq ($(filter lint tidy format fuzz-smoke,$(MAKECMDGOALS)),)
DEPS += $(DEPS_LINT)
endif
ifneq ($(filter deps,$(MAKECMDGOALS)),)
AFTER_DEPS := deps
endif

.DEFAULT_GOAL := all
.PHONY: all deps run test build-tests vm vm-test vm-fetch bench lint tidy \
        format asan tsan build-fuzz fuzz-smoke coverage install uninstall clean help

all: $(BUILD)/sockdeck

help:
	@echo 'make              build $(BUILD)/sockdeck'
	@echo 'make deps run     install what is needed, build, start the console'
	@echo 'make deps test    install what is needed, run every test'
	@echo 'make vm           the console on real RFCOMM, in a virtual machine'
	@echo 'make vm-test      the tests of that'
	@echo 'make install      to $$(DESTDIR)$$(PREFIX); uninstall takes it back'
	@echo 'make bench        speed and size against the peers'
	@echo 'make lint         format, includes, warnings; tidy: clang-tidy'
	@echo 'make asan tsan    the tests under the sanitizers'
	@echo 'make fuzz-smoke   every fuzz target for a few seconds'
	@echo 'make coverage     line coverage of the tests'

deps:
	@lacked() { for p; do \
	  dpkg-query -W -f '$${Status}' $$p 2>/dev/null | \
	    grep -q 'install ok installed' || echo $$p; done; }; \
	offered() { for p; do \
	  apt-cache show $$p >/dev/null 2>&1 && echo $$p; done; }; \
	if [ "$$(id -u)" = 0 ]; then sudo=; else sudo=sudo; fi; \
	missing=$$(lacked $(DEPS)); maybe=$$(lacked $(DEPS_MAYBE)); \
	if [ -n "$$missing" ] || [ -n "$$maybe" -a -z "$$(offered gcc)" ]; then \
	  $$sudo apt-get update -q || exit 1; \
	fi; \
	missing=$$(echo $$missing $$(offered $$maybe)); \
	if [ -z "$$missing" ]; then echo 'deps: everything is there'; else \
	  echo "deps: installing with apt: $$missing"; \
	  $$sudo env DEBIAN_FRONTEND=noninteractive \
	    apt-get install -y -q --no-install-recommends $$missing; \
	fi

# ------------------------------------------------------------------- build

STD  := -std=c17 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -iquote . \
        -iquote $(BUILD)/gen
WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion \
        -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wcast-align \
        -Wcast-qual -Wwrite-strings -Wundef -Wformat=2 -Wswitch-enum \
        -Wnull-dereference
HARD := -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
ALL_CFLAGS = $(STD) $(WARN) $(HARD) -pthread -MMD -MP $(CFLAGS)
ALL_LDFLAGS = -pie -pthread -Wl,-z,relro,-z,now,--as-needed $(LDFLAGS)
pkg = $(shell pkg-config --$(1) $(2))

# Each folder is one archive and may use only the archives named for it:
# a call that the design forbids does not link.
FOLDERS := net/base net/proto net capture bt tui
PKG_net     := libmnl
PKG_capture := zlib # libpcap is opened at run time: capture/source_libpcap.c
# Bluetooth is left out where its headers are not installed: bt/bt_impl.h.
PKG_bt = $(shell pkg-config --exists bluez && echo bluez)
PKG_tui     := ncursesw inih jansson
USES_base    := base
USES_proto   := proto base
USES_net     := net proto base
USES_capture := capture net proto base
USES_bt      := bt net proto base
USES_tui     := tui capture bt net proto base

folder_src = $(wildcard $(1)/*.c)
lib = $(BUILD)/lib$(notdir $(1)).a
objs = $(patsubst %.c,$(BUILD)/%.o,$(1))
uses_libs = $(foreach n,$(USES_$(1)),$(BUILD)/lib$(n).a)
uses_pkgs = $(foreach n,$(USES_$(1)),$(PKG_$(n)))
uses_ldlibs = $(if $(strip $(call uses_pkgs,$(1))),$(call pkg,libs,$(call uses_pkgs,$(1)))) -lm

SRC := $(foreach f,$(FOLDERS),$(call folder_src,$(f)))
MAIN_OBJ := $(BUILD)/tui/main.o
GEN_OBJ := $(BUILD)/gen/themes.o

define folder_archive
$(call lib,$(1)): $(filter-out $(MAIN_OBJ),$(call objs,$(call folder_src,$(1)))) \
    $(if $(filter tui,$(1)),$(GEN_OBJ)) | $(AFTER_DEPS)
	$$(call say,AR,$$@)
	$(Q)rm -f $$@ && $(AR) rcs $$@ $$^
endef
$(foreach f,$(FOLDERS),$(eval $(call folder_archive,$(f))))

# Flags that only some files need.
$(BUILD)/tui/%.o: PKG_CFLAGS = $(call pkg,cflags,ncursesw)

$(BUILD)/%.o: %.c | $(AFTER_DEPS)
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) $(CPPFLAGS) $(PKG_CFLAGS) -c -o $@ $<

# The themes are part of the program, so that it runs from anywhere.
THEMES := $(sort $(wildcard themes/*.theme))
$(BUILD)/gen/themes.c: $(THEMES) Makefile | $(AFTER_DEPS)
	@mkdir -p $(@D)
	$(call say,GEN,$@)
	$(Q){ echo '#include "tui/themes.h"'; \
	  echo 'const struct theme_text themes_builtin[] = {'; \
	  for f in $(THEMES); do \
	    printf '{"%s",\n' "$$(basename $$f .theme)"; \
	    sed 's/\\/\\\\/g; s/"/\\"/g; s/.*/"&\\n"/' $$f; echo '},'; \
	  done; echo '{0, 0}};'; } > $@
$(BUILD)/gen/themes.o: $(BUILD)/gen/themes.c | $(AFTER_DEPS)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<

$(BUILD)/sockdeck: $(MAIN_OBJ) $(call uses_libs,tui)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(call uses_ldlibs,tui)

run: $(BUILD)/sockdeck
	@$(BUILD)/sockdeck $(ARGS)

# ------------------------------------------------------------------- tests
# tests/unit/FOLDER/NAME_test.c links what FOLDER may use, and cmocka.
# tests/e2e/NAME_test.c drives the built program on a pty; tests/vm/NAME_test.c
# does so in the virtual machine.

unit_src = $(wildcard tests/unit/$(1)/*_test.c)
unit_bin = $(patsubst %.c,$(BUILD)/%,$(call unit_src,$(1)))
UNIT_FOLDERS := base proto net capture bt tui
UNIT_BINS := $(foreach f,$(UNIT_FOLDERS),$(call unit_bin,$(f)))
E2E_SRC  := $(wildcard tests/e2e/*_test.c)
E2E_RIG  := $(call objs,$(filter-out $(E2E_SRC),$(wildcard tests/e2e/*.c)))
E2E_BINS := $(patsubst %.c,$(BUILD)/%,$(E2E_SRC))
VM_BINS  := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/vm/*_test.c))

define unit_rule
$(BUILD)/tests/unit/$(1)/%_test: $(BUILD)/tests/unit/$(1)/%_test.o $(call uses_libs,$(1))
	$$(call say,LD,$$@)
	$(Q)$$(CC) $$(ALL_CFLAGS) $$(ALL_LDFLAGS) -o $$@ $$^ \
	  $$(call pkg,libs,cmocka) $$(call uses_ldlibs,$(1))
endef
$(foreach f,$(UNIT_FOLDERS),$(eval $(call unit_rule,$(f))))

define e2e_rule
$(BUILD)/tests/$(1)/%_test: $(BUILD)/tests/$(1)/%_test.o $(E2E_RIG) \
    $(call uses_libs,net)
	$$(call say,LD,$$@)
	$(Q)$$(CC) $$(ALL_CFLAGS) $$(ALL_LDFLAGS) -o $$@ $$^ \
	  $$(call pkg,libs,cmocka vterm libmnl) -lm
endef
$(foreach f,e2e vm,$(eval $(call e2e_rule,$(f))))
$(BUILD)/tests/%.o: PKG_CFLAGS = $(call pkg,cflags,cmocka)

# What a *.test script needs beside the program: tests/struct/pipe.
TEST_TOOLS := $(BUILD)/tests/struct/pipe
$(BUILD)/tests/struct/pipe: $(BUILD)/tests/struct/pipe.o $(call uses_libs,net)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(call uses_ldlibs,net)

# TESTS=pattern runs only the matching ones.
build-tests: $(UNIT_BINS) $(E2E_BINS) $(VM_BINS) $(TEST_TOOLS)
test: $(BUILD)/sockdeck build-tests $(if $(TESTS),,vm-fetch)
	@BUILD=$(BUILD) tests/run $(TESTS)

# A virtual machine with Bluetooth: tests/vm/bluetooth.test. It is fetched once,
# in time that is no test's; where that is not possible, its tests are skipped.
vm-fetch: | $(AFTER_DEPS)
	@tests/vm/fetch build/vm || :
vm-test: $(BUILD)/sockdeck $(VM_BINS) vm-fetch
	@BUILD=$(BUILD) tests/run vm/
vm: $(BUILD)/sockdeck vm-fetch
	@[ ! -e build/vm/missing ] && \
	  tests/vm/boot -i build/vm build/vm/out 0 tests/vm/show

bench: $(BUILD)/sockdeck | $(AFTER_DEPS)
	@BUILD=$(BUILD) CC='$(CC)' tests/bench/run $(BENCH)

# The sanitizers of gcc 12 and clang 14 do not find their shadow memory where
# the kernel randomizes more than 28 bits of an address (vm.mmap_rnd_bits);
# a container may forbid to switch that off.
NO_ASLR := $$(setarch -R true 2>/dev/null && echo setarch -R)
SAN := -O1 -g -fno-omit-frame-pointer
asan: | $(AFTER_DEPS)
	@$(NO_ASLR) $(MAKE) --no-print-directory test BUILD=build/asan \
	  CFLAGS='$(SAN) -fsanitize=address,undefined -fno-sanitize-recover=undefined' \
	  HARD=-fPIE
tsan: | $(AFTER_DEPS)
	@$(NO_ASLR) $(MAKE) --no-print-directory test BUILD=build/tsan \
	  CFLAGS='$(SAN) -fsanitize=thread' HARD=-fPIE
coverage: | $(AFTER_DEPS)
	@$(MAKE) --no-print-directory test BUILD=build/cov \
	  CFLAGS='-O0 -g --coverage' HARD=-fPIE
	@tests/coverage build/cov

# ------------------------------------------------------------------ fuzzing

# tests/fuzz/NAME_fuzz.c links the same archives, built for libFuzzer. What it
# finds lies in build/fuzz/found/NAME; a named copy goes to the corpus.

FUZZ_BINS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/fuzz/*_fuzz.c))
FUZZ_SECONDS ?= 5
$(BUILD)/tests/fuzz/%_fuzz: $(BUILD)/tests/fuzz/%_fuzz.o $(call uses_libs,tui)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $^ \
	  $(call uses_ldlibs,tui)
build-fuzz: $(FUZZ_BINS)
fuzz-smoke: | $(AFTER_DEPS)
	@$(MAKE) --no-print-directory build-fuzz BUILD=build/fuzz CC=clang \
	  CFLAGS='$(SAN) -fsanitize=fuzzer-no-link,address,undefined \
	    -fno-sanitize-recover=undefined' HARD=-fPIE
	@for f in $(patsubst $(BUILD)/%,build/fuzz/%,$(FUZZ_BINS)); do \
	  name=$$(basename $$f _fuzz); \
	  found=build/fuzz/found/$$name; corpus=tests/fuzz/corpus/$$name; \
	  mkdir -p $$found; [ -d $$corpus ] || corpus=; \
	  echo "fuzz $$name for $(FUZZ_SECONDS) s"; \
	  $(NO_ASLR) $$f -max_total_time=$(FUZZ_SECONDS) -verbosity=0 \
	    -artifact_prefix=$$found/ $$found $$corpus || exit 1; \
	done

# --------------------------------------------------------------------- lint

C_FILES = $(SRC) $(wildcard $(addsuffix /*.h,$(FOLDERS)) tests/*/*.[ch] tests/*/*/*.[ch])
format:
	clang-format -i $(C_FILES)
lint: | $(AFTER_DEPS)
	@tests/lint
	@clang-format --dry-run -Werror $(C_FILES)
	@$(MAKE) --no-print-directory all build-tests BUILD=build/lint-gcc \
	  CC=gcc CFLAGS='-O2 -Werror'
	@$(MAKE) --no-print-directory all build-tests BUILD=build/lint-clang \
	  CC=clang CFLAGS='-O2 -Werror'
	@echo 'lint: clean'
tidy: | $(AFTER_DEPS)
	@clang-tidy --quiet $(SRC) -- $(STD) -Ibuild/gen

# ------------------------------------------------------------------ install

install: $(BUILD)/sockdeck
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 \
	  $(DESTDIR)$(PREFIX)/share/sockdeck/themes
	install -m755 $(BUILD)/sockdeck $(DESTDIR)$(PREFIX)/bin/sockdeck
	install -m644 $(THEMES) $(DESTDIR)$(PREFIX)/share/sockdeck/themes
	$(BUILD)/sockdeck --man > $(DESTDIR)$(PREFIX)/share/man/man1/sockdeck.1

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/sockdeck
	rm -f $(DESTDIR)$(PREFIX)/share/man/man1/sockdeck.1
	rm -rf $(DESTDIR)$(PREFIX)/share/sockdeck

clean:
	rm -rf build

# Debian's files in $(BUILD)/vm have names of all kinds.
-include $(filter-out $(BUILD)/vm%,$(wildcard $(BUILD)/*/*.d $(BUILD)/*/*/*.d $(BUILD)/*/*/*/*.d))
.SECONDARY:
