namespace EdgeAssist.AlertRelay.Measures.Statistics;

/// <summary>The normal and Student's t distribution: what tables in the back of a text book hold.</summary>
internal static class Distributions
{
    /// <summary>P(Z ≤ z), by the complementary error function; absolute error below 1e-12 for |z| ≤ 8.</summary>
    public static double NormalCdf(double z) => z < 0 ? UpperTail(-z) : 1 - UpperTail(z);

    /// <summary>z with P(Z ≤ z) = p: Wichura's PPND16 (Applied Statistics 37, 1988, algorithm AS 241), 16 digits.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="p"/> is not inside 0 to 1.</exception>
    public static double NormalQuantile(double p)
    {
        if (!(p is > 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(p), p, "A probability inside 0 to 1 is needed.");

        var q = p - 0.5;
        if (Math.Abs(q) <= 0.425)
        {
            var s = 0.180625 - q * q;
            return q * Polynomial(s, CentralTop) / Polynomial(s, CentralBottom);
        }

        var r = Math.Sqrt(-Math.Log(q < 0 ? p : 1 - p));
        var z = r <= 5
            ? Polynomial(r - 1.6, MiddleTop) / Polynomial(r - 1.6, MiddleBottom)
            : Polynomial(r - 5, FarTop) / Polynomial(r - 5, FarBottom);
        return q < 0 ? -z : z;
    }

    /// <summary>P(T ≤ t) with <paramref name="degrees"/> degrees of freedom.</summary>
    public static double StudentCdf(double t, double degrees)
    {
        var tail = 0.5 * IncompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5);
        return t > 0 ? 1 - tail : tail;
    }

    /// <summary>t with P(T ≤ t) = p, by bisection to 1e-10.</summary>
    public static double StudentQuantile(double p, double degrees)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(degrees, 1);
        if (p < 0.5) return -StudentQuantile(1 - p, degrees);

        var (low, high) = (0.0, 2.0);
        while (StudentCdf(high, degrees) < p) high *= 2;
        while (high - low > 1e-10 * Math.Max(1, high))
        {
            var middle = (low + high) / 2;
            if (StudentCdf(middle, degrees) < p) low = middle;
            else high = middle;
        }

        return (low + high) / 2;
    }

    /// <summary>I_x(a, b), by the continued fraction of Lentz (Numerical Recipes §6.4).</summary>
    public static double IncompleteBeta(double x, double a, double b)
    {
        if (x <= 0) return 0;
        if (x >= 1) return 1;

        var front = Math.Exp(LogGamma(a + b) - LogGamma(a) - LogGamma(b) + a * Math.Log(x) + b * Math.Log(1 - x));
        return x < (a + 1) / (a + b + 2) ? front * BetaFraction(x, a, b) / a : 1 - front * BetaFraction(1 - x, b, a) / b;
    }

    /// <summary>ln Γ(x) for x &gt; 0 (Lanczos, g = 7, n = 9).</summary>
    public static double LogGamma(double x)
    {
        if (x < 0.5) return Math.Log(Math.PI / Math.Sin(Math.PI * x)) - LogGamma(1 - x);

        var sum = Lanczos[0];
        for (var i = 1; i < Lanczos.Length; i++) sum += Lanczos[i] / (x - 1 + i);
        var t = x + 6.5;
        return 0.5 * Math.Log(2 * Math.PI) + (x - 0.5) * Math.Log(t) - t + Math.Log(sum);
    }

    // Series near the middle, continued fraction in the tail (Abramowitz and Stegun 26.2.11 and 26.2.14).
    private static double UpperTail(double z)
    {
        var density = Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI);
        if (z < 3)
        {
            double term = z, sum = z;
            for (var k = 3; Math.Abs(term) > 1e-17 * sum; k += 2) sum += term *= z * z / k;
            return 0.5 - density * sum;
        }

        var fraction = z;
        for (var k = 80; k >= 1; k--) fraction = z + k / fraction;
        return density / fraction;
    }

    private static double BetaFraction(double x, double a, double b)
    {
        const double Tiny = 1e-300;
        double c = 1, d = 1 - (a + b) * x / (a + 1);
        d = 1 / (Math.Abs(d) < Tiny ? Tiny : d);
        var h = d;
        for (var m = 1; m <= 300; m++)
        {
            var step = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
            d = 1 / Guard(1 + step * d, Tiny);
            c = Guard(1 + step / c, Tiny);
            h *= d * c;
            step = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
            d = 1 / Guard(1 + step * d, Tiny);
            c = Guard(1 + step / c, Tiny);
            h *= d * c;
            if (Math.Abs(d * c - 1) < 1e-15) break;
        }

        return h;
    }

    private static double Guard(double value, double tiny) => Math.Abs(value) < tiny ? tiny : value;

    private static double Polynomial(double x, double[] coefficients)
    {
        var sum = 0.0;
        for (var i = coefficients.Length - 1; i >= 0; i--) sum = sum * x + coefficients[i];
        return sum;
    }

    private static readonly double[] Lanczos =
    [
        0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
        12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
    ];

    private static readonly double[] CentralTop =
    [
        3.3871328727963666080e0, 1.3314166789178437745e+2, 1.9715909503065514427e+3, 1.3731693765509461125e+4,
        4.5921953931549871457e+4, 6.7265770927008700853e+4, 3.3430575583588128105e+4, 2.5090809287301226727e+3,
    ];

    private static readonly double[] CentralBottom =
    [
        1.0, 4.2313330701600911252e+1, 6.8718700749205790830e+2, 5.3941960214247511077e+3,
        2.1213794301586595867e+4, 3.9307895800092710610e+4, 2.8729085735721942674e+4, 5.2264952788528545610e+3,
    ];

    private static readonly double[] MiddleTop =
    [
        1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
        1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4,
    ];

    private static readonly double[] MiddleBottom =
    [
        1.0, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
        1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9,
    ];

    private static readonly double[] FarTop =
    [
        6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0, 2.96560571828504891230e-1,
        2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
    ];

    private static readonly double[] FarBottom =
    [
        1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
        7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15,
    ];
}
