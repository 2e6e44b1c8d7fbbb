//! Builds anew when a study is added: the binary embeds `pipelines` and `sql`.

#[expect(clippy::print_stdout, reason = "this is how a build script speaks to cargo")]
fn main() {
    println!("cargo:rerun-if-changed=pipelines");
    println!("cargo:rerun-if-changed=sql");
}
