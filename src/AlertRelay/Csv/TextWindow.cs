namespace EdgeAssist.AlertRelay.Csv;

/// <summary>A text that is read from front to back through a window of bounded size. Its owner says how much it is done with.</summary>
/// <param name="text">The text.</param>
/// <param name="most">Characters the window may hold: the longest record that can be read.</param>
internal sealed class TextWindow(TextReader text, int most)
{
    private char[] _buffer = new char[Math.Min(most, 16 * 1024)];
    private int _start;
    private int _end;

    /// <summary>What is in the window.</summary>
    public ReadOnlySpan<char> Span => _buffer.AsSpan(_start, _end - _start);

    /// <summary>Nothing follows what is in the window.</summary>
    public bool IsLast { get; private set; }

    /// <summary>The window is as large as it gets: more can only be read once something is done with.</summary>
    public bool IsFull => _end - _start >= most;

    /// <summary>The line of the window's first character, from 1.</summary>
    public long Line { get; private set; } = 1;

    /// <summary>Reads more.</summary>
    /// <returns>False at the end, or when the window is full.</returns>
    public bool Fill()
    {
        if (IsLast || IsFull) return false;
        if (_start > 0)
        {
            Span.CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length) Array.Resize(ref _buffer, Math.Min(most, _buffer.Length * 2));
        var read = text.Read(_buffer, _end, _buffer.Length - _end);
        _end += read;
        IsLast = read == 0;
        return read > 0;
    }

    /// <summary>Is done with the first characters.</summary>
    public void Advance(int characters)
    {
        Line += Span[..characters].Count('\n');
        _start += characters;
    }

    /// <summary>Is done with everything up to the end of the first line.</summary>
    public void SkipLine()
    {
        while (Span.IndexOf('\n') < 0)
        {
            Advance(Span.Length);
            if (!Fill()) return;
        }

        Advance(Span.IndexOf('\n') + 1);
    }
}
