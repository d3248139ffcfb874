namespace EdgeAssist.Training.Data;

/// <summary>xorshift64* (Vigna 2016): a stream of numbers fixed by its seed on every runtime, which <see cref="Random"/> does not promise.</summary>
internal sealed class Seeded(ulong seed)
{
    private ulong _state = seed * 0x9E3779B97F4A7C15 + 0x632BE59BD9B4E019;

    public ulong Next()
    {
        if (_state == 0) _state = 0x2545F4914F6CDD1D;
        _state ^= _state >> 12;
        _state ^= _state << 25;
        _state ^= _state >> 27;
        return _state * 0x2545F4914F6CDD1D;
    }

    /// <summary>0 up to, not including, <paramref name="below"/>.</summary>
    public int Next(int below) => (int)((Next() >> 33) % (uint)below);

    /// <summary>0 to 1.</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    public bool Chance(double probability) => NextDouble() < probability;

    /// <summary>Roughly normal, mean 0, deviation 1: the sum of twelve uniforms.</summary>
    public double NextNormal()
    {
        var sum = -6.0;
        for (var i = 0; i < 12; i++) sum += NextDouble();
        return sum;
    }

    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = Next(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }
}
