//! How the settings are loaded: all layers into one document, resolved, and checked as a whole.

use super::error::Error;
use super::layers::Layers;
use super::resolved::Settings;
use super::sources::Sources;
use super::validation;

impl Settings {
    /// Loads and checks the settings. Reads the settings file, and nothing else that is not in `sources`.
    ///
    /// # Errors
    /// [`Error::Unreadable`] for a file that was named and cannot be read, [`Error::Wrong`] for the first wrong
    /// setting, with its place.
    pub fn load(sources: &Sources) -> Result<Self, Error> {
        let layers = Layers::read(sources)?;
        let document = layers.merge()?;
        let settings = Self::resolve(document, &sources.directory);
        let checked = settings.and_then(|settings| validation::check(&settings).map(|()| settings));
        checked.map_err(|problem| {
            let place = layers.place(&problem.path);
            problem.at(place)
        })
    }
}
