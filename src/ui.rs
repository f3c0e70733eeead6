//! Talk on stderr.
pub struct Progress;
impl Progress {
    pub fn new() -> Self {
        Progress
    }
    pub fn set(&mut self, _f: f64, _m: &str) {}
    pub fn finish(&mut self) {}
    pub fn suspend(&mut self, f: impl FnOnce()) {
        f()
    }
}
pub fn warn(text: &str) {
    eprintln!("warning: {text}");
}
pub fn error(text: &str) {
    eprintln!("sercost: {text}");
}
