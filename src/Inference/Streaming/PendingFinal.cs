using EdgeAssist.Inference.Vad;

namespace EdgeAssist.Inference.Streaming;

/// <summary>A closed utterance until its words are told.</summary>
/// <param name="Utterance">Its number on its leg.</param>
/// <param name="Where">Where it lies.</param>
/// <param name="LastWords">The frame with its last sample of speech: when it came and when it was forked.</param>
/// <param name="LostShare">Share of lost audio in it.</param>
/// <param name="PartialTold">True when a partial of it was told, which a final must replace even if it is empty.</param>
/// <param name="Job">Its recognition; null when the rung allowed none.</param>
internal sealed record PendingFinal(int Utterance, SegmenterEvent Where, AssembledFrame LastWords, float LostShare, bool PartialTold, RecognitionJob? Job);
