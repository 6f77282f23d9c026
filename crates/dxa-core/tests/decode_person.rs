//! One patient out of several headers: conflicts, ages, sizes, and the words of Ethnic Group.

use dxa_core::decode::header::{Header, Identity, Person};
use dxa_core::decode::person::{patient, years_between};
use dxa_core::patient::{AgeSource, Ethnicity, Patient, Sex};
use jiff::civil::{Date, date};

fn header(person: Person) -> Header {
    let identity = Identity { study_date: Some(date(2024, 5, 17)), ..Identity::default() };
    Header { identity, person, ..Header::default() }
}

fn merged(people: Vec<Person>) -> (Patient, Vec<&'static str>) {
    let headers: Vec<Header> = people.into_iter().map(header).collect();
    let (patient, findings) = patient(&headers.iter().collect::<Vec<_>>());
    (patient, findings.into_iter().map(|finding| finding.code).collect())
}

fn of(fill: impl Fn(&mut Person)) -> (Patient, Vec<&'static str>) {
    let mut person = Person::default();
    fill(&mut person);
    merged(vec![person])
}

fn age(birth: Option<Date>, stated: &str) -> (Option<(String, AgeSource)>, Vec<&'static str>) {
    let (patient, findings) = of(|person| {
        person.birth_date = birth;
        person.age = (!stated.is_empty()).then(|| stated.to_owned());
    });
    (patient.age.map(|(years, source)| (format!("{:.3}", years.get()), source)), findings)
}

#[test]
fn stated_ages_are_read_in_their_unit() {
    let cases = [
        ("059Y", Some("59.000")),
        ("59Y", Some("59.000")),
        ("59", Some("59.000")),
        ("059y", Some("59.000")),
        ("018M", Some("1.500")),
        ("010W", Some("0.192")),
        ("100D", Some("0.274")),
        ("000Y", None),
        ("000D", None),
        ("999Y", None),
        ("-10Y", None),
        ("Y", None),
        ("59.5Y", None),
        ("059X", None),
        ("unknown", None),
        ("059 Y", None),
    ];
    for (text, expected) in cases {
        let (age, _) = age(None, text);
        assert_eq!(age.as_ref().map(|(years, _)| years.as_str()), expected, "{text}");
    }
}

/// 3 February 1961 to 17 May 2024 is 23114 days; over 365.25 that is 63.283 years.
#[test]
fn the_birth_date_counts_before_the_stated_age() {
    let birth = Some(date(1961, 2, 3));
    let exact = Some(("63.283".to_owned(), AgeSource::BirthDate));
    assert_eq!(age(birth, ""), (exact.clone(), vec![]));
    assert_eq!(age(birth, "063Y"), (exact.clone(), vec![]));
    assert_eq!(age(birth, "064Y"), (exact.clone(), vec![]));
    assert_eq!(age(birth, "059Y"), (exact.clone(), vec!["age_conflict"]));
    assert_eq!(age(birth, "000Y"), (exact, vec![]));
}

#[test]
fn impossible_birth_dates_are_not_used() {
    let stated = Some(("59.000".to_owned(), AgeSource::PatientAge));
    let implausible = vec!["patient_attribute_implausible"];
    for birth in [date(2024, 5, 18), date(2999, 1, 1), date(1900, 1, 1), date(1, 1, 1)] {
        assert_eq!(age(Some(birth), "059Y"), (stated.clone(), implausible.clone()), "{birth}");
        assert_eq!(age(Some(birth), ""), (None, implausible.clone()), "{birth}");
    }
    assert_eq!(age(Some(date(2024, 5, 17)), "").0, Some(("0.000".to_owned(), AgeSource::BirthDate)));
}

/// Counted by hand: leap days between the dates are days like others.
#[test]
fn leap_days_count() {
    let days = |birth, scan| years_between(birth, scan).map(|years| (years.get() * 365.25).round() as i64);
    assert_eq!(days(date(2000, 2, 29), date(2001, 2, 28)), Some(365));
    assert_eq!(days(date(2000, 2, 28), date(2001, 2, 28)), Some(366));
    assert_eq!(days(date(1900, 2, 28), date(1900, 3, 1)), Some(1));
    assert_eq!(days(date(1964, 2, 29), date(2024, 2, 29)), Some(21915));
    assert_eq!(days(date(2024, 1, 2), date(2024, 1, 1)), None);
}

#[test]
fn what_objects_state_differently_is_left_open() {
    let person = |fill: &dyn Fn(&mut Person)| {
        let mut person = Person { sex: Some("F".to_owned()), ..Person::default() };
        person.birth_date = Some(date(1961, 2, 3));
        person.ethnic_group = Some("White".to_owned());
        fill(&mut person);
        person
    };
    let same = person(&|_| {});
    let (patient, findings) = merged(vec![same.clone(), Person::default(), same.clone()]);
    assert_eq!((patient.sex, patient.ethnicity), (Some(Sex::Female), Some(Ethnicity::NonHispanicWhite)));
    assert!(findings.is_empty());

    let (patient, findings) = merged(vec![same.clone(), person(&|person| person.sex = Some("M".to_owned()))]);
    assert_eq!((patient.sex, findings), (None, vec!["patient_attribute_conflict"]));

    let (patient, findings) =
        merged(vec![same.clone(), person(&|person| person.birth_date = Some(date(1961, 3, 2)))]);
    assert_eq!((patient.birth_date, patient.age, findings), (None, None, vec!["patient_attribute_conflict"]));

    let (patient, findings) =
        merged(vec![same.clone(), person(&|person| person.ethnic_group = Some("Asian".to_owned()))]);
    assert_eq!((patient.ethnicity, findings), (None, vec!["patient_attribute_conflict"]));

    let (patient, findings) =
        merged(vec![same, person(&|person| person.ethnic_group = Some("Caucasian".to_owned()))]);
    assert_eq!((patient.ethnicity, findings), (Some(Ethnicity::NonHispanicWhite), vec![]));
}

#[test]
fn sex_is_female_male_or_open() {
    for (code, sex) in
        [("F", Some(Sex::Female)), ("M", Some(Sex::Male)), ("O", None), ("U", None), ("", None)]
    {
        assert_eq!(of(|person| person.sex = Some(code.to_owned())).0.sex, sex, "{code}");
    }
}

/// A height in centimeters where meters belong is not possible, and is told rather than converted.
#[test]
fn sizes_that_no_person_has_are_not_used() {
    let height = |meters: f64| {
        let (patient, findings) = of(|person| person.size_m = Some(meters));
        (patient.height_cm, findings)
    };
    let implausible = vec!["patient_attribute_implausible"];
    assert_eq!(height(1.58), (Some(158.0), vec![]));
    assert_eq!(height(1.725), (Some(172.5), vec![]));
    assert_eq!(height(0.0), (None, vec![]));
    for wrong in [158.0, 15.8, -1.6, f64::NAN, f64::INFINITY] {
        assert_eq!(height(wrong), (None, implausible.clone()), "{wrong}");
    }
    let weight = |kilograms: f64| {
        let (patient, findings) = of(|person| person.weight_kg = Some(kilograms));
        (patient.weight_kg, findings)
    };
    assert_eq!(weight(54.5), (Some(54.5), vec![]));
    assert_eq!(weight(0.0), (None, vec![]));
    assert_eq!(weight(54_500.0), (None, implausible));
    let zero_first = merged(vec![
        Person { size_m: Some(0.0), ..Person::default() },
        Person { size_m: Some(1.6), ..Person::default() },
    ]);
    assert_eq!(zero_first.0.height_cm, Some(160.0));
}

#[test]
fn the_name_shown_is_the_ideographic_group() {
    let shown = |raw: &str| of(|person| person.name = Some(raw.to_owned())).0.name.unwrap();
    assert_eq!(shown("Wang^XiaoDong=王^小东"), "王^小东");
    assert_eq!(shown("Wang^XiaoDong=王^小东^^^="), "王^小东");
    assert_eq!(shown("Doe^Jane"), "Doe^Jane");
    assert_eq!(shown("Doe^Jane^^^"), "Doe^Jane");
    assert_eq!(shown("=王^小东"), "王^小东");
    assert_eq!(shown("Yamada^Tarou==やまだ^たろう"), "Yamada^Tarou");
    assert_eq!(shown("==やまだ^たろう"), "やまだ^たろう");
}

/// `words = code`, `-` for none; codes as the score input has them.
const WORDS: &str = "
White = nhw
WHITE = nhw
Caucasian = nhw
caucasian = nhw
European = nhw
Non-Hispanic White = nhw
Non Hispanic White = nhw
NonHispanic White = nhw
White, not Hispanic = nhw
White, Not Hispanic or Latino = nhw
Not Hispanic or Latino, White = nhw
White Non-Hispanic = nhw
nhw = nhw
nhb = nhb
nh_asian = nh_asian
mexican_american = mexican_american
other = other
Other = other
Black = nhb
Black or African American = nhb
African American = nhb
African-American = nhb
Non-Hispanic Black = nhb
Hispanic = other
Hispanic or Latino = other
White Hispanic = other
Latina = other
Mexican American = mexican_american
Mexican-American = mexican_american
Hispanic (Mexican) = mexican_american
Asian = nh_asian
Non-Hispanic Asian = nh_asian
Asian/Chinese = chinese
Chinese (Asian) = chinese
Chinese = chinese
Han = chinese
HAN = chinese
Han Chinese = chinese
Hani = other
Hanover = other
Japanese = japanese
Korean = korean
Vietnamese = vietnamese
Japanese/Korean = other
White/Asian = other
Mixed White and Asian = other
White and Black = other
Non-White = other
Not Hispanic or Latino = -
Unknown = -
unknown = -
N/A = -
Not specified = -
Indigenous = other
Uyghur = other
汉 = chinese
汉族 = chinese
中国 = chinese
中国人 = chinese
华裔 = chinese
回族 = other
维吾尔族 = other
朝鲜族 = other
白人 = nhw
白种人 = nhw
黑人 = nhb
黑种人 = nhb
非西班牙裔白人 = nhw
西班牙裔 = other
日本人 = japanese
韩国 = korean
越南 = vietnamese
亚洲人 = nh_asian
亚裔 = nh_asian
未知 = -
不详 = -
其他 = other
Европеоидная = nhw
европейская = nhw
Белая раса = nhw
Негроидная = nhb
Азиатская = nh_asian
Китаянка = chinese
Не указано = -
Неизвестно = -
";

#[test]
fn words_of_ethnic_group_name_the_populations_of_the_tables() {
    let read = |words: &str| of(|person| person.ethnic_group = Some(words.to_owned())).0.ethnicity;
    let cases: Vec<(&str, &str)> = WORDS.lines().filter_map(|line| line.split_once(" = ")).collect();
    assert!(cases.len() > 80);
    let wrong: Vec<String> = cases
        .iter()
        .map(|(words, code)| (words, *code, read(words).map_or("-", Ethnicity::code)))
        .filter(|(_, expected, read)| expected != read)
        .map(|(words, expected, read)| format!("{words}: {read}, not {expected}"))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
