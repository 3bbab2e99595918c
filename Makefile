# 青禾的命令。run 和 test 各自把缺的装上，什么也不问，可以反复运行。
.PHONY: run test build bench fmt shots

# Builds, makes the demonstration county, prints its address and sign-in lines, serves.
run:
	@tests/install run
	@program=$$(tests/build) && exec "$$program" demo

# Every test, on both databases and in the browser; the last line counts them.
test:
	@tests/all

# The program that `make run` runs; its path is the last line.
build:
	@tests/install run
	@tests/build

# What must be fast, as ratios against a ceiling measured in the same run (release build).
# Without the tools that print beside it, only Qinghe itself is measured.
bench:
	@tests/install run
	@tests/install bench || true
	@QINGHE_LOG=quiet cargo bench --bench ratios

fmt:
	@cargo fmt

# A picture of every page of the demonstration county in target/shots/.
shots:
	@tests/install run test
	@QINGHE_BINARY=$$(tests/build) && export QINGHE_BINARY && cd tests/browser && npm ci --ignore-scripts --no-audit --no-fund && npm run shots
