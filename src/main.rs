//! Calls the program and becomes its exit code.

fn main() -> std::process::ExitCode {
    fitout::run()
}
