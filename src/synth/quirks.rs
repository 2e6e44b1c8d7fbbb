//! What was planted on purpose, counted while it is written.

/// A peculiarity of the raw files that a reader must cope with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quirk {
    MonthlyRows,
    FourWeeklyRows,
    MonthsWithThreeRows,
    SecondJobs,
    MainJobTiesByWage,
    MainJobTiesByHours,
    JobChangesOnReferenceDay,
    JobChangesOffReferenceDay,
    JobIdChanges,
    ZeroWageRows,
    SpecialDates,
    GapsOverReferenceDay,
    Deaths,
    DeathsOnReferenceDay,
    Emigrants,
    EmigrantsOnReferenceDay,
    Immigrants,
    Returners,
    AdministrativeMovements,
    AbsencesBeforeFirstYear,
    AbsencesBetweenReferenceDays,
    ArrivalsOnReferenceDay,
    BirthsWithinYears,
    NonRPersons,
    NonRPersonsSharingDigits,
    LeadingZeros,
    DecimalCommas,
    MissingBirthYears,
    MissingBirthMonths,
    MissingSex,
    MissingEducation,
    MissingSbi,
    UnknownEmployers,
    LostZeros,
    RecodedEmployers,
    UnpaidRows,
    CorrectedRows,
    RowsTakenBack,
    RowsWithNines,
    RowsWithoutEmployer,
    UnknownJobKinds,
    ExcludedJobs,
    BridgedJobs,
    EmployerChangesWithinJobs,
    SelfEmployedWithJobs,
    UnclearWork,
    MissingSecm,
    WorkersWithOtherSecm,
    MissingOccupations,
    MissingSurveySbi,
    LettersInSurveySbi,
    LowerCaseCodes,
    SurveyAttrition,
    UnlinkedRespondents,
    NonRRespondents,
    SelfEmployedRespondentsWithoutJob,
    NonAsciiRemarks,
    QuotedDelimiters,
    StaleVersions,
    StaleRows,
    EmployerLinks,
    EmployerEvents,
}

/// Every quirk with its name in `truth/quirks.csv`.
pub(super) const ALL: [(Quirk, &str); 62] = [
    (Quirk::MonthlyRows, "monthly_rows"),
    (Quirk::FourWeeklyRows, "four_weekly_rows"),
    (Quirk::MonthsWithThreeRows, "months_with_three_rows"),
    (Quirk::SecondJobs, "second_jobs"),
    (Quirk::MainJobTiesByWage, "main_job_ties_by_wage"),
    (Quirk::MainJobTiesByHours, "main_job_ties_by_hours"),
    (Quirk::JobChangesOnReferenceDay, "job_changes_on_reference_day"),
    (Quirk::JobChangesOffReferenceDay, "job_changes_off_reference_day"),
    (Quirk::JobIdChanges, "job_id_changes"),
    (Quirk::ZeroWageRows, "zero_wage_rows"),
    (Quirk::SpecialDates, "special_dates"),
    (Quirk::GapsOverReferenceDay, "gaps_over_reference_day"),
    (Quirk::Deaths, "deaths"),
    (Quirk::DeathsOnReferenceDay, "deaths_on_reference_day"),
    (Quirk::Emigrants, "emigrants"),
    (Quirk::EmigrantsOnReferenceDay, "emigrants_on_reference_day"),
    (Quirk::Immigrants, "immigrants"),
    (Quirk::Returners, "returners"),
    (Quirk::AdministrativeMovements, "administrative_movements"),
    (Quirk::AbsencesBeforeFirstYear, "absences_before_first_year"),
    (Quirk::AbsencesBetweenReferenceDays, "absences_between_reference_days"),
    (Quirk::ArrivalsOnReferenceDay, "arrivals_on_reference_day"),
    (Quirk::BirthsWithinYears, "births_within_years"),
    (Quirk::NonRPersons, "non_r_persons"),
    (Quirk::NonRPersonsSharingDigits, "non_r_persons_sharing_digits"),
    (Quirk::LeadingZeros, "leading_zeros"),
    (Quirk::DecimalCommas, "decimal_commas"),
    (Quirk::MissingBirthYears, "missing_birth_years"),
    (Quirk::MissingBirthMonths, "missing_birth_months"),
    (Quirk::MissingSex, "missing_sex"),
    (Quirk::MissingEducation, "missing_education"),
    (Quirk::MissingSbi, "missing_sbi"),
    (Quirk::UnknownEmployers, "unknown_employers"),
    (Quirk::LostZeros, "lost_zeros"),
    (Quirk::RecodedEmployers, "recoded_employers"),
    (Quirk::UnpaidRows, "unpaid_rows"),
    (Quirk::CorrectedRows, "corrected_rows"),
    (Quirk::RowsTakenBack, "rows_taken_back"),
    (Quirk::RowsWithNines, "rows_with_nines"),
    (Quirk::RowsWithoutEmployer, "rows_without_employer"),
    (Quirk::UnknownJobKinds, "unknown_job_kinds"),
    (Quirk::ExcludedJobs, "excluded_jobs"),
    (Quirk::BridgedJobs, "bridged_jobs"),
    (Quirk::EmployerChangesWithinJobs, "employer_changes_within_jobs"),
    (Quirk::SelfEmployedWithJobs, "self_employed_with_jobs"),
    (Quirk::UnclearWork, "unclear_work"),
    (Quirk::MissingSecm, "missing_secm"),
    (Quirk::WorkersWithOtherSecm, "workers_with_other_secm"),
    (Quirk::MissingOccupations, "missing_occupations"),
    (Quirk::MissingSurveySbi, "missing_survey_sbi"),
    (Quirk::LettersInSurveySbi, "letters_in_survey_sbi"),
    (Quirk::LowerCaseCodes, "lower_case_codes"),
    (Quirk::SurveyAttrition, "survey_attrition"),
    (Quirk::UnlinkedRespondents, "unlinked_respondents"),
    (Quirk::NonRRespondents, "non_r_respondents"),
    (Quirk::SelfEmployedRespondentsWithoutJob, "self_employed_respondents_without_job"),
    (Quirk::NonAsciiRemarks, "non_ascii_remarks"),
    (Quirk::QuotedDelimiters, "quoted_delimiters"),
    (Quirk::StaleVersions, "stale_versions"),
    (Quirk::StaleRows, "stale_rows"),
    (Quirk::EmployerLinks, "employer_links"),
    (Quirk::EmployerEvents, "employer_events"),
];

/// How often each quirk was planted.
#[derive(Debug, Clone)]
pub(super) struct Counts([u64; ALL.len()]);

impl Counts {
    /// Nothing planted yet.
    pub(super) fn new() -> Self {
        Counts([0; ALL.len()])
    }

    /// Counts one more.
    pub(super) fn plant(&mut self, quirk: Quirk) {
        self.add(quirk, 1);
    }

    /// Counts several more.
    pub(super) fn add(&mut self, quirk: Quirk, count: u64) {
        self.0[quirk as usize] += count;
    }

    /// Name and count of every quirk.
    pub(super) fn named(&self) -> Vec<(String, u64)> {
        ALL.iter().map(|&(quirk, name)| (name.to_owned(), self.0[quirk as usize])).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_quirk_stands_at_its_own_place() {
        for (place, (quirk, _)) in ALL.iter().enumerate() {
            assert_eq!(*quirk as usize, place);
        }
    }
}
