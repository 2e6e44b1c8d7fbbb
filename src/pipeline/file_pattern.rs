//! stub
/// stub
#[derive(Debug, Clone)]
pub struct FilePattern(String);
impl FilePattern {
    /// stub
    pub fn parse(text: &str) -> Result<Self, String> {
        Ok(Self(text.to_owned()))
    }
    /// stub
    pub fn has_year(&self) -> bool {
        self.0.contains("{year}")
    }
}
