//! Changes to invented raw files whose consequences are known beforehand.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::chain::Chain;
use crate::rows::RawText;

/// The file of jobs of a year that has one version only.
pub(crate) fn jobs_file(chain: &Chain, year: i32) -> PathBuf {
    chain.path(&format!("raw/SPOLISBUS/{year}/SPOLISBUS{year}V1.csv"))
}

/// Records that cover the reference day, by person; a person may have several
/// jobs, and a job only one such record.
fn records_of_the_day(jobs: &RawText, year: i32) -> BTreeMap<String, Vec<usize>> {
    let day = format!("{year}1001");
    let mut persons: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for record in jobs.records() {
        let covers = jobs.cell(record, "SDATUMAANVANGIKO") <= day.as_str()
            && jobs.cell(record, "SDATUMEINDEIKO") >= day.as_str();
        if covers && jobs.cell(record, "RINPERSOONS") == "R" {
            persons.entry(jobs.cell(record, "RINPERSOON").to_owned()).or_default().push(record);
        }
    }
    persons
}

/// Adds a cent to the wage of somebody's only job.
pub(crate) fn change_wage(chain: &Chain, year: i32) {
    let file = jobs_file(chain, year);
    let mut jobs = RawText::read(&file);
    let records = records_of_the_day(&jobs, year);
    let record = records.values().find(|records| records.len() == 1).unwrap()[0];
    let cents: i64 = jobs.cell(record, "SBASISLOON").replace(',', "").parse().unwrap();
    let more = cents + 1;
    jobs.set(record, "SBASISLOON", &format!("{},{:02}", more / 100, more % 100));
    jobs.write(&file);
}

/// Pays somebody the highest wage in the job that was not the main one, at
/// another employer.
pub(crate) fn make_second_job_the_main_one(chain: &Chain, year: i32) {
    let file = jobs_file(chain, year);
    let mut jobs = RawText::read(&file);
    let wage = |record: usize| -> i64 {
        jobs.cell(record, "SBASISLOON").replace(',', "").parse().unwrap()
    };
    let day = |record: usize, column: &str| jobs.cell(record, column).to_owned();
    let is_fit = |records: &&Vec<usize>| {
        let [one, other] = records.as_slice() else { return false };
        // The same days: wages can be compared without a division.
        let period = |record| (day(record, "SDATUMAANVANGIKO"), day(record, "SDATUMEINDEIKO"));
        // Both count, whatever is paid.
        let counts = |record: &&usize| {
            ["SSOORTBAAN", "SSRTIV"].map(|it| jobs.cell(**record, it)) == ["9", "15"]
                && !["", "00000000"].contains(&jobs.cell(**record, "SBEID"))
        };
        [one, other].iter().all(counts)
            && jobs.cell(*one, "SBEID") != jobs.cell(*other, "SBEID")
            && period(*one) == period(*other)
            && wage(*one) != wage(*other)
    };
    let records = records_of_the_day(&jobs, year);
    let two = records.values().find(is_fit).expect("somebody with two jobs");
    let second = *two.iter().min_by_key(|record| wage(**record)).unwrap();
    jobs.set(second, "SBASISLOON", "99999,00");
    jobs.write(&file);
}

/// Moves the employer of the most main jobs' records to another division.
pub(crate) fn change_sector(chain: &Chain, year: i32) {
    let jobs = RawText::read(&jobs_file(chain, year));
    let mut employees: BTreeMap<&str, usize> = BTreeMap::new();
    for record in records_of_the_day(&jobs, year).values().flatten() {
        *employees.entry(jobs.cell(*record, "SBEID")).or_default() += 1;
    }
    let (largest, _) = employees.into_iter().max_by_key(|(_, count)| *count).unwrap();
    let file = chain.path(&format!("raw/BETAB/BE{year}TABV1.csv"));
    let mut employers = RawText::read(&file);
    let record = employers.records().find(|record| employers.cell(*record, "BEID") == largest);
    let column = format!("SBI2008V{year}");
    let other =
        if employers.cell(record.unwrap(), &column).starts_with("84") { "85200" } else { "84110" };
    employers.set(record.unwrap(), &column, other);
    employers.write(&file);
}

/// Puts a value into one cell of a column of the jobs of a year.
pub(crate) fn change_column(chain: &Chain, year: i32, column: &str, value: &str) {
    let file = jobs_file(chain, year);
    let mut jobs = RawText::read(&file);
    let record = jobs.records().find(|record| jobs.cell(*record, column) != value);
    jobs.set(record.unwrap(), column, value);
    jobs.write(&file);
}
