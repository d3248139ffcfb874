namespace EdgeAssist.Inference.Vad;

internal enum SegmenterEventKind
{
    /// <summary>Somebody began to speak.</summary>
    Started,

    /// <summary>The words are over.</summary>
    Ended,
}

/// <summary>Where an utterance lies. Positions are samples at 16 kHz on the call's timeline.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Start">First sample of speech.</param>
/// <param name="AudioFrom">First sample to recognise: <paramref name="Start"/> less the pre-roll.</param>
/// <param name="WordsEnd">Behind the last sample of speech so far.</param>
/// <param name="AudioTo">Behind the last sample to recognise.</param>
/// <param name="Cut">True when it was ended for its length, not by a pause.</param>
internal readonly record struct SegmenterEvent(
    SegmenterEventKind Kind, long Start, long AudioFrom, long WordsEnd, long AudioTo, bool Cut);
