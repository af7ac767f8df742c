//! The list of models: what is told of one that is being loaded.

use serde_json::{Value, json};

use crate::world::{ARRIVING, Setup, World, wait_for};

/// The model of that id in the list.
fn listed(world: &World, id: &str) -> Option<Value> {
    let list = world.client().get("/v1/models").json();
    list["data"].as_array().expect("a list").iter().find(|model| model["id"] == id).cloned()
}

#[test]
fn a_model_on_its_way_says_how_far_it_is() {
    let world = World::start(Setup::default());
    let status = listed(&world, "toy-1").expect("it is there")["status"].clone();
    assert_eq!(status, json!({"value": "loaded"}), "what is there has no way to go");
    let mut loading = world.client();
    loading.send("POST", "/v1/models/load", &[], br#"{"model": "arriving"}"#);
    let mut seen = Vec::new();
    wait_for("all of its way", || {
        if let Some(model) = listed(&world, "arriving") {
            assert_eq!((&model["loaded"], &model["status"]["value"]), (&json!(false), &json!("loading")));
            seen.push(model["status"]["progress"].as_f64().expect("a number"));
        }
        seen.len() == ARRIVING.len()
    });
    assert_eq!(seen, ARRIVING.map(f64::from));
    assert_eq!(loading.reply().status, 200);
}
