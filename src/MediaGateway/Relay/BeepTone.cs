namespace EdgeAssist.MediaGateway.Relay;

/// <summary>
/// The tone that tells a party that somebody is on the call: 1,400 Hz for 0.2 s every 15 s, like the warning tone of
/// telephone recorders in the USA, at −24 dB of full scale. Counts the samples that pass. One for each side.
/// </summary>
internal sealed class BeepTone
{
    private const int Rate = 8_000, Length = Rate / 5, Period = 15 * Rate;
    private const double Hz = 1_400, Amplitude = 2_067;   // −24 dB

    private int _at;

    /// <summary>Adds the tone to the next samples where it is due.</summary>
    /// <returns>Whether any of them has it.</returns>
    public bool AddTo(Span<short> pcm)
    {
        var isHeard = false;
        for (var i = 0; i < pcm.Length; i++)
        {
            if (_at < Length)
            {
                pcm[i] = (short)Math.Clamp(pcm[i] + (Amplitude * Math.Sin(2 * Math.PI * Hz * _at / Rate)), short.MinValue, short.MaxValue);
                isHeard = true;
            }

            if (++_at == Period) _at = 0;
        }

        return isHeard;
    }
}
