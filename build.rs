//! Builds anew when a study is added: the binary embeds `pipelines` and `sql`.

fn main() {
    println!("cargo:rerun-if-changed=pipelines");
    println!("cargo:rerun-if-changed=sql");
}
