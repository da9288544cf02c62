//! Calls the program and becomes its exit code.

/// That of the C library maps each small group of values by itself: 83 system calls and 42 page faults more for an empty plan.
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

/// Called by the C library before `main`, and so before the standard library ignores SIGPIPE: the application gets the disposition
/// that we got.
#[used]
#[allow(unsafe_code, reason = "only a name of a section can say when a function is called")]
#[unsafe(link_section = ".init_array")]
static BEFORE_START: extern "C" fn() = fitout::before_start;

fn main() -> std::process::ExitCode {
    fitout::run()
}
