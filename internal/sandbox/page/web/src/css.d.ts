// Style sheets are imported for the build to bundle.
declare module '*.css'
