namespace EdgeAssist.Inference.Features;

/// <summary>What one frame of speech sounds like, apart from its words.</summary>
/// <param name="LevelDb">Mean power against full scale, in decibels.</param>
/// <param name="PitchSemitones">Pitch over 55 Hz in semitones; NaN where the frame has none.</param>
/// <param name="TiltDb">Power of the difference from sample to sample against the power, at 8 kHz: higher is sharper, as a pressed or shouted voice is. NaN where the frame has no pitch: hiss and consonants are sharp in any mood.</param>
internal readonly record struct VoiceFrame(double LevelDb, double PitchSemitones, double TiltDb);
