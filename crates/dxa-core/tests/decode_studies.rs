//! Which objects make one study of one patient.

mod made;

use dicom_dictionary_std::tags;
use dxa_core::decode::object::ReadObject;
use dxa_core::decode::studies::studies;
use made::Made;

fn object(study: &str, patient: &str) -> ReadObject {
    Made::lunar("AP Spine").text(tags::STUDY_INSTANCE_UID, study).text(tags::PATIENT_ID, patient).read()
}

fn grouped(objects: &[(&str, &str)]) -> (Vec<Vec<usize>>, Vec<usize>) {
    let objects: Vec<ReadObject> = objects.iter().map(|(study, patient)| object(study, patient)).collect();
    let grouped = studies(&objects);
    (grouped.studies, grouped.mismatched)
}

#[test]
fn objects_of_one_study_and_patient_belong_together() {
    assert_eq!(grouped(&[("1.2", "A"), ("1.3", "A"), ("1.2", "A")]), (vec![vec![0, 2], vec![1]], vec![]));
    assert_eq!(grouped(&[("1.3", "A"), ("1.2", "B")]), (vec![vec![1], vec![0]], vec![]));
    assert_eq!(grouped(&[]), (vec![], vec![]));
}

#[test]
fn one_study_of_two_patients_is_nobodys() {
    assert_eq!(grouped(&[("1.2", "A"), ("1.2", "B"), ("1.3", "B")]), (vec![vec![2]], vec![0, 1]));
    assert_eq!(grouped(&[("1.2", "A"), ("1.2", "")]), (vec![], vec![0, 1]));
}

#[test]
fn objects_without_a_study_are_alone_and_first_in_the_order_of_their_patients() {
    let read = grouped(&[("", "B"), ("1.2", "A"), ("", "A"), ("", "B")]);
    assert_eq!(read, (vec![vec![2], vec![0], vec![3], vec![1]], vec![]));
}
