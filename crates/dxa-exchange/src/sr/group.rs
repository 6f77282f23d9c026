//! A measurement group, TID 1501: one region, vertebra, part of the body, angle, change or check.

use dxa_core::site::Site;
use dxa_core::vertebra::Level;

use crate::codes::{
    self, ALGORITHM_NAME, ALGORITHM_VERSION, Code, FAILED, FINDING_SITE, GROUP, IMAGE_REGION, LATERALITY,
    NOT_ATTEMPTED, POPULATION, REFERENCE, REFERENCE_NAMED, REFERENCE_SITE, REFERENCE_STATUS,
    REFERENCE_VERSION, REGION_OF_INTEREST, SCORED_QUANTITY, SOURCE, TRACKING_ID, TRACKING_UID, UNKNOWN,
};
use crate::issue::Issue;
use crate::record::Study;
use crate::statement::{About, Against, Answer, Group, Outline, Quantity, Statement, Subject, Why};
use crate::study_header::MODEL;
use crate::uid;

use super::concept;
use super::content::{Item, Relation};
use super::images;

/// Writes a group with everything that was measured.
pub(super) fn item(group: &Group, study: &Study, issue: &Issue<'_>) -> Item {
    let about = &group.about;
    let key = about.key();
    let uid = study.study.instance_uid.as_deref().unwrap_or_default();
    let tracking = uid::derived(&[b"tracking", uid.as_bytes(), key.as_bytes()]);
    let mut children = vec![
        Item::text(Relation::Context, TRACKING_ID, key),
        Item::uid(Relation::Context, TRACKING_UID, tracking),
    ];
    children.extend(site(about));
    if is_ours(about) {
        children.push(Item::text(Relation::Modifier, ALGORITHM_NAME, MODEL));
        children.push(Item::text(Relation::Modifier, ALGORITHM_VERSION, study.provenance.software.clone()));
    }
    let picture = about.scan.and_then(|scan| images::pictured(scan, study, issue));
    children.extend(group.statements.iter().map(|said| statement(said, group, picture.as_ref())));
    if let Some((site, _)) = about.subject.region() {
        children.extend(
            site.parse::<Site>()
                .ok()
                .map(|site| Item::code(Relation::Contains, REGION_OF_INTEREST, codes::region_code(site))),
        );
    }
    if let (Outline::Polygon(corners), Some(picture)) = (&group.outline, &picture) {
        let mut closed = corners.clone();
        closed.extend(corners.first());
        children.push(Item::lines(Relation::Contains, IMAGE_REGION, closed).with([picture.clone()]));
    }
    children.extend(about.scan.into_iter().flat_map(|scan| images::sources(scan, study, issue)));
    Item::container(GROUP, Some("1501"), children)
}

/// Where on the skeleton.
fn site(about: &About) -> Option<Item> {
    let (anatomy, side) = match &about.subject {
        Subject::Vertebra(level) | Subject::LevelChange(level) => {
            (codes::vertebra(level.parse::<Level>().ok()?), None)
        }
        subject => {
            let (site, side) = subject.region()?;
            (codes::finding_site(site.parse::<Site>().ok()?), side)
        }
    };
    let side = side.and_then(codes::laterality);
    let side = side.map(|side| Item::code(Relation::Modifier, LATERALITY, side));
    Some(Item::code(Relation::Modifier, FINDING_SITE, anatomy).with(side))
}

fn is_ours(about: &About) -> bool {
    match &about.subject {
        Subject::Region { provenance, .. } => provenance == "computed",
        Subject::Composition(_) | Subject::Person | Subject::DeviceItem => false,
        _ => true,
    }
}

/// One statement as a content item, with its reference where it is a score.
pub(super) fn statement(said: &Statement, group: &Group, picture: Option<&Item>) -> Item {
    let concept = concept::of(said.quantity, &group.about);
    let relation = Relation::Contains;
    let item = match &said.answer {
        Answer::Number { value, unit } => Item::number(relation, concept.name, *value, unit),
        // A NUM without a value would say the same, but makes highdicom refuse the whole document.
        Answer::Missing(why) => Item::code(relation, concept.name, qualifier(*why)),
        Answer::Word(word) => Item::code(relation, concept.name, codes::code_of_word(word)),
        Answer::Text(text) => Item::text(relation, concept.name, text.clone()),
    };
    let modifier = concept.modifier.map(|(name, value)| Item::code(Relation::Modifier, name, value));
    let measured = matches!(said.answer, Answer::Number { .. });
    let line = end_points(said.quantity, &group.outline).filter(|_| measured).zip(picture);
    let line = line.map(|(points, picture)| {
        Item::lines(Relation::InferredFrom, SOURCE, points.to_vec()).with([picture.clone()])
    });
    item.with(modifier).with(reference(said.against.as_ref())).with(line)
}

/// The two points between which a height was measured, the upper first.
fn end_points(quantity: Quantity, outline: &Outline) -> Option<[[f64; 2]; 2]> {
    let Outline::SixPoints([ps, ms, as_, ai, mi, pi]) = outline else { return None };
    match quantity {
        Quantity::PixelsAnterior => Some([*as_, *ai]),
        Quantity::PixelsMiddle => Some([*ms, *mi]),
        Quantity::PixelsPosterior => Some([*ps, *pi]),
        _ => None,
    }
}

pub(super) fn qualifier(why: Why) -> Code {
    match why {
        Why::NotAttempted => NOT_ATTEMPTED,
        Why::Failed => FAILED,
        Why::Unknown => UNKNOWN,
    }
}

/// Compared with whom.
fn reference(against: Option<&Against>) -> Vec<Item> {
    let Some(against) = against else { return Vec::new() };
    let reference = &against.reference;
    let named = against.named.then_some("true");
    let rows = [
        (POPULATION, Some(reference.population.as_str())),
        (REFERENCE, Some(reference.id.as_str())),
        (REFERENCE_VERSION, Some(reference.version.as_str())),
        (REFERENCE_STATUS, Some(reference.status.as_str())),
        (REFERENCE_SITE, reference.site_as_stated.as_deref()),
        (SCORED_QUANTITY, against.quantity.as_deref()),
        (REFERENCE_NAMED, named),
    ];
    let said =
        rows.into_iter().filter_map(|(concept, text)| Some((concept, text.filter(|text| !text.is_empty())?)));
    said.map(|(concept, text)| Item::text(Relation::Property, concept, text)).collect()
}
