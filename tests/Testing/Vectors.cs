namespace EdgeAssist.Testing;

/// <summary>Files of <c>tests/Vectors</c>: sections of <c>name = hex</c> lines.</summary>
public static class Vectors
{
    /// <summary>All sections of a file, by title.</summary>
    /// <exception cref="FileNotFoundException">The file is not in the tree.</exception>
    public static Dictionary<string, Dictionary<string, byte[]>> Read(string relative)
    {
        var path = SharedFolder.InTree(Path.Combine("tests", "Vectors", relative)) ?? throw new FileNotFoundException("No such vectors in the tree.", relative);
        Dictionary<string, Dictionary<string, byte[]>> sections = [];
        Dictionary<string, byte[]> current = [];
        foreach (var line in File.ReadLines(path).Where(line => line.Length > 0))
        {
            if (line[0] == '[') sections[line[1..^1]] = current = [];
            else current[line.Split(" = ")[0]] = Convert.FromHexString(line.Split(" = ")[1]);
        }

        return sections;
    }
}
